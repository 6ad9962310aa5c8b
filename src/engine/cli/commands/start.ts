import { assertTerminal, inForeground, usualDetachKeys } from '../../containers/foreground.js';
import { given } from '../../flags/values.js';
import { startContainer } from '../../containers/starting/start.js';
import { requireContainer } from '../../records/container-store.js';
import { engineError } from '../../errors.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';
import { joinOrFail } from './attach.js';

function startAttached({ engine, values, args }: Call): number {
  if (args.length !== 1) throw engineError('you cannot start and attach multiple containers at once', 'Name one container');
  const container = requireContainer(engine, args[0]!);
  const input = values['interactive'] === true;
  assertTerminal(engine, container.record.config.Tty, input);
  const running = startContainer(engine, container.record.id, { attach: true }) ?? joinOrFail(engine, container);
  return inForeground(engine, container.record, running, {
    input,
    detachKeys: given(values, 'detach-keys') ?? usualDetachKeys,
    proxy: true,
  });
}

export function run(call: Call): number {
  const { engine, values } = call;
  if (values['attach'] === true || values['interactive'] === true) return startAttached(call);
  return forEachContainer(call, ({ record }) => {
    startContainer(engine, record.id, { attach: false });
  });
}
