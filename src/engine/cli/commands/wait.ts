import { awaitEnding, joinRunning } from '../../containers/foreground.js';
import { upToDate } from '../../containers/ending/cleanup.js';
import { isRunning, withContainerLock, type StoredContainer } from '../../records/container-store.js';
import type { Engine } from '../../engine.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';

function exitCodeOf(engine: Engine, { record: { id } }: StoredContainer): number {
  const current = withContainerLock(engine, id, (found) => upToDate(engine, found));
  const running = isRunning(engine, current) ? joinRunning(engine, current, false) : null;
  return running === null ? current.state.exitCode : awaitEnding(engine, running);
}

export function run(call: Call): number {
  const { engine } = call;
  return forEachContainer(
    call,
    (container) => {
      engine.host.write(1, `${exitCodeOf(engine, container)}\n`);
    },
    { print: false },
  );
}
