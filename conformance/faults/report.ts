// The table of commands and faults, for a terminal and for docs/reliability.md.
import { kindName } from './judgement.js';
import type { Row } from './sweep.js';

export function lineOf({ command, kind, calls, reported, unharmed, findings, seconds }: Row): string {
  const counts = [calls, reported, unharmed, findings.length].map((count) => String(count).padStart(9)).join('');
  return `${command.padEnd(16)} ${kindName(kind).padEnd(22)}${counts} ${seconds.toFixed(0).padStart(5)} s`;
}

export const heading = `${'command'.padEnd(16)} ${'fault'.padEnd(22)}${['calls', 'reported', 'unharmed', 'wrong'].map((word) => word.padStart(9)).join('')}`;

export function findingLines({ findings }: Row): string {
  return findings.map(({ nth, call, problem }) => `    call ${nth}, ${call}: ${problem}\n`).join('');
}

/** One row per command, one column per kind of fault: how many calls failed, and how many of these did no harm. */
export function markdown(rows: readonly Row[]): string {
  const kinds = [...new Set(rows.map(({ kind }) => kindName(kind)))];
  const names = [...new Set(rows.map(({ command }) => command))];
  const cell = (name: string, kind: string): string => {
    const row = rows.find((one) => one.command === name && kindName(one.kind) === kind);
    return row === undefined ? '' : `${row.calls}${row.findings.length > 0 ? ` (${row.findings.length} wrong)` : ''}`;
  };
  const lines = names.map((name) => `| \`${name}\` | ${kinds.map((kind) => cell(name, kind)).join(' | ')} |`);
  return [`| command | ${kinds.join(' | ')} |`, `| --- |${' ---: |'.repeat(kinds.length)}`, ...lines].join('\n');
}
