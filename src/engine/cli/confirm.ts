// The question that a prune asks before it removes anything.
import type { Call } from './command.js';

/** With --force, does not ask. Anything but "y" means no. */
export function confirmed({ engine, values }: Pick<Call, 'engine' | 'values'>, warning: string): boolean {
  if (values['force'] === true) return true;
  engine.host.write(1, `WARNING! ${warning}\nAre you sure you want to continue? [y/N] `);
  const answer = readAnswer(engine.host);
  if (!engine.host.isTerminal(0)) engine.host.write(1, '\n');
  return ['y', 'yes'].includes(answer.trim().toLowerCase());
}

/** Reads one line and nothing beyond it. */
function readAnswer(host: Call['engine']['host']): string {
  let line = '';
  for (let next = host.readInput(1); next !== '' && next !== '\n'; next = host.readInput(1)) line += next;
  return line;
}
