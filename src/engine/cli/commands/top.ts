// top: the processes of a container.
import { containerProcesses, processTable } from '../../../runtime/ps.js';
import { isRunning, requireContainer } from '../../records/container-store.js';
import { engineError } from '../../errors.js';
import type { Call } from '../command.js';
import { table } from '../format/table.js';

/** Column width as in docker. */
const least = 20;

export function run({ engine, args: [said, ...options] }: Call): number {
  const container = requireContainer(engine, said!);
  if (!isRunning(engine, container))
    throw engineError(`container ${container.record.id} is not running`, `Start it: pocker start ${said!}`);
  const pids = containerProcesses(engine.host, engine.paths.runtime, container.record.id);
  const lines = processTable(engine.host, pids, options.length === 0 ? ['-ef'] : options)
    .trimEnd()
    .split('\n');
  const count = lines[0]!.trim().split(/\s+/).length;
  engine.host.write(
    1,
    table(
      lines.map((line) => columnsOf(line, count)),
      { least },
    ),
  );
  return 0;
}

/** The last column, the command, may contain spaces. */
function columnsOf(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, count - 1), words.slice(count - 1).join(' ')];
}
