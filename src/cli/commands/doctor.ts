import { type Diagnosis, diagnose } from '../../doctor/doctor.js';
import type { Check } from '../../doctor/check.js';
import { printable } from '../../json/quote.js';
import type { Invocation } from '../invocation.js';

function checkLines({ name, result, detail, required, lost, remedy }: Check): string {
  const line = `  ${result.padEnd(8)} ${name}${detail === '' ? '' : `: ${printable(detail)}`}\n`;
  if (result === 'ok') return line;
  const without = lost === '' ? '' : `           lost: ${lost}${required ? ' (required)' : ''}\n`;
  return `${line}${without}${remedy === '' ? '' : `           remedy: ${remedy}\n`}`;
}

function text({ kernel, checks, leftovers }: Diagnosis): string {
  const areas = [...new Set(checks.map(({ area }) => area))];
  const parts = areas.map(
    (area) =>
      `${area}\n${checks
        .filter((one) => one.area === area)
        .map(checkLines)
        .join('')}`,
  );
  const left = leftovers.map(
    ({ kind, subject, why, removed }) => `  ${removed ? 'removed' : 'left'}: ${kind} ${printable(subject)}: ${printable(why)}\n`,
  );
  const hint = leftovers.some(({ removed }) => !removed) ? '  doctor --fix removes them\n' : '';
  return `Linux ${kernel}\n\n${parts.join('\n')}\nleft over\n${left.length === 0 ? '  nothing\n' : left.join('')}${hint}`;
}

export function run({ host, globals, log, values }: Invocation): number {
  const found = diagnose(host, { root: globals.root, fix: values['fix'] === true, warn: (words) => log.warn(words) });
  host.write(1, values['format'] === 'json' ? `${JSON.stringify(found, undefined, 2)}\n` : text(found));
  return found.healthy ? 0 : 1;
}
