// The verdicts for one engine as text: one line per step, with the reasons below it.
import type { Judged } from './judge.js';

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? '' : `${(milliseconds / 1000).toFixed(1)} s`;

const indented = (text: string): string => text.trim().replaceAll(/^/gm, '      ');

function line({ name, verdict, reason, milliseconds, reference }: Judged): string {
  const times = `${seconds(milliseconds).padStart(8)} ${seconds(reference).padStart(8)}`;
  const why = reason === '' ? '' : `\n${indented(reason)}`;
  return `  ${verdict.padEnd(8)} ${name.padEnd(44)} ${times}${why}`;
}

export function formatEngine(name: string, judged: readonly Judged[]): string {
  return [`\n${name.padEnd(58)} ours     runc`, ...judged.map(line)].join('\n');
}
