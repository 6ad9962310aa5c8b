// The table of scenarios, for a terminal and for docs/reliability.md.
import type { Machine } from './machine.js';

export interface Row {
  readonly runtime: string;
  readonly scenario: string;
  readonly seconds: number;
  readonly problems: readonly string[];
  readonly grown: Machine;
}

const shownProblems = 3;

export function lineOf({ runtime, scenario, seconds, problems, grown }: Row): string {
  const more = `${grown.descriptors} fds, ${grown.memory} MiB`;
  const line = `${runtime.padEnd(16)} ${scenario.padEnd(46)} ${seconds.toFixed(1).padStart(7)} s ${String(problems.length).padStart(5)} wrong  ${more}\n`;
  return `${line}${problems
    .slice(0, shownProblems)
    .map((problem) => `    ${problem}\n`)
    .join('')}`;
}

/** One row per scenario, one column per runtime: seconds, and how much went wrong. */
export function markdown(rows: readonly Row[]): string {
  const runtimes = [...new Set(rows.map(({ runtime }) => runtime))];
  const names = [...new Set(rows.map(({ scenario }) => scenario))];
  const cell = (name: string, runtime: string): string => {
    const row = rows.find((one) => one.scenario === name && one.runtime === runtime);
    if (row === undefined) return '';
    return `${row.seconds.toFixed(1)} s${row.problems.length === 0 ? '' : `, ${row.problems.length} wrong`}`;
  };
  const lines = names.map((name) => `| ${name} | ${runtimes.map((runtime) => cell(name, runtime)).join(' | ')} |`);
  return [`| scenario | ${runtimes.join(' | ')} |`, `| --- |${' ---: |'.repeat(runtimes.length)}`, ...lines].join('\n');
}
