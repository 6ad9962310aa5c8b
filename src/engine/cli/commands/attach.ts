import { assertTerminal, inForeground, joinRunning, usualDetachKeys } from '../../containers/foreground.js';
import { given } from '../../flags/values.js';
import type { Running } from '../../containers/starting/start.js';
import { isRunning, requireContainer, type StoredContainer } from '../../records/container-store.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import type { Call } from '../command.js';

export function joinOrFail(engine: Engine, container: StoredContainer): Running {
  const { name } = container.record;
  if (isRunning(engine, container) && container.state.status === 'paused')
    throw engineError('You cannot attach to a paused container, unpause it first', `Resume it: pocker unpause ${name}`);
  const running = isRunning(engine, container) ? joinRunning(engine, container, true) : null;
  if (running === null)
    throw engineError('You cannot attach to a stopped container, start it first', `Start it: pocker start -a ${name}`);
  return running;
}

export function run({ engine, values, args }: Call): number {
  const container = requireContainer(engine, args[0]!);
  const input = values['no-stdin'] !== true;
  const running = joinOrFail(engine, container);
  assertTerminal(engine, container.record.config.Tty, input && container.record.config.OpenStdin);
  return inForeground(engine, container.record, running, {
    input,
    detachKeys: given(values, 'detach-keys') ?? usualDetachKeys,
    proxy: values['sig-proxy'] !== false,
  });
}
