// Changes the networks of an ordinary user's containers: we call ourselves in their network namespace.
import { PockerError } from '../../../errors.js';
import { requireContainer } from '../../records/container-store.js';
import { engineError } from '../../errors.js';
import {
  connectContainer,
  connectMore,
  damagedNetworkDown,
  disconnectContainer,
  disconnectOne,
  networkDown,
} from '../../networks/container-network.js';
import { requireNetwork } from '../../networks/networks.js';
import type { NetworkWork } from '../../networks/rootless.js';
import type { Call } from '../command.js';

function carryOut({ engine, args }: Call): unknown {
  const [work, first = '', second = ''] = args;
  const record = () => requireContainer(engine, first).record;
  switch (work as NetworkWork) {
    case 'connect':
      return connectContainer(engine, record());
    case 'disconnect':
      disconnectContainer(engine, first);
      return null;
    case 'connect-more':
      return connectMore(engine, record(), requireNetwork(engine, second));
    case 'disconnect-one':
      disconnectOne(engine, record(), requireNetwork(engine, second));
      return null;
    case 'down':
      return networkDown(engine, requireNetwork(engine, first));
    case 'down-damaged':
      return damagedNetworkDown(engine, first);
  }
  throw engineError(`unknown work: ${work!}`);
}

/** Answers with one line of JSON. */
export function run(call: Call): number {
  let answer: unknown;
  try {
    answer = { result: carryOut(call) };
  } catch (caught) {
    if (!(caught instanceof PockerError)) throw caught;
    answer = { error: { message: caught.message, ...(caught.hint === undefined ? {} : { hint: caught.hint }) } };
  }
  call.engine.host.write(1, `${JSON.stringify(answer)}\n`);
  return 0;
}
