// The table of commands and faults, for a terminal and for docs/reliability.md.
import type { FaultyCommand } from './commands.js';
import { type Kind, kindName } from './judgement.js';
import type { Row } from './row.js';

/** One kind of fault in one command. */
export interface Sweep {
  readonly command: FaultyCommand;
  readonly kind: Kind;
}

export function lineOf({ command, kind, calls, reported, unharmed, findings, seconds }: Row): string {
  const counts = [calls, reported, unharmed, findings.length].map((count) => String(count).padStart(9)).join('');
  return `${command.padEnd(16)} ${kindName(kind).padEnd(22)}${counts} ${seconds.toFixed(0).padStart(5)} s`;
}

export const heading = `${'command'.padEnd(16)} ${'fault'.padEnd(22)}${['calls', 'reported', 'unharmed', 'wrong'].map((word) => word.padStart(9)).join('')}`;

export function findingLines({ findings }: Row): string {
  return findings.map(({ nth, call, problem }) => `    call ${nth}, ${call}: ${problem}\n`).join('');
}

/** The cells of a table, by row and column. */
function cellsOf(table: string): Map<string, Map<string, string>> {
  const [header = [], , ...lines] = table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(lines.map(([name = '', ...cells]) => [name, new Map(cells.map((cell, at) => [header[at + 1] ?? '', cell]))]));
}

/** One row per command, one column per kind of fault: how many calls failed. What was not run now stays as it is in `before`. */
export function markdown(rows: readonly Row[], order: readonly Sweep[], before: string): string {
  const cells = cellsOf(before);
  for (const { command, kind, calls, findings } of rows) {
    const name = `\`${command}\``;
    const row = cells.get(name) ?? new Map<string, string>();
    cells.set(name, row.set(kindName(kind), `${calls}${findings.length > 0 ? ` (${findings.length} wrong)` : ''}`));
  }
  const has = (kind: string): boolean => [...cells.values()].some((row) => (row.get(kind) ?? '') !== '');
  const kinds = [...new Set(order.map(({ kind }) => kindName(kind)))].filter(has);
  const names = [...new Set(order.map(({ command }) => `\`${command.name}\``))].filter((name) => cells.has(name));
  const lines = names.map((name) => `| ${name} | ${kinds.map((kind) => cells.get(name)?.get(kind) ?? '').join(' | ')} |`);
  return [`| command | ${kinds.join(' | ')} |`, `| --- |${' ---: |'.repeat(kinds.length)}`, ...lines].join('\n');
}
