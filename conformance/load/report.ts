// The table of scenarios, for a terminal and for docs/reliability.md.
import type { Machine } from './machine.js';
import { scenarios } from './scenarios.js';

export interface Row {
  readonly runtime: string;
  readonly scenario: string;
  readonly seconds: number;
  readonly notes: readonly string[];
  readonly problems: readonly string[];
  readonly grown: Machine;
}

const shownProblems = 3;

export function lineOf({ runtime, scenario, seconds, notes, problems, grown }: Row): string {
  const more = [`${grown.descriptors} fds, ${grown.memory} MiB`, ...notes].join(', ');
  const line = `${runtime.padEnd(16)} ${scenario.padEnd(46)} ${seconds.toFixed(1).padStart(7)} s ${String(problems.length).padStart(5)} wrong  ${more}\n`;
  return `${line}${problems
    .slice(0, shownProblems)
    .map((problem) => `    ${problem}\n`)
    .join('')}`;
}

const isOurs = (runtime: string): boolean => runtime.startsWith('pocker-runc');

/**
 * One row per scenario, one column per runtime, ours first: seconds, or what was done in a fixed time; how much memory has grown; how
 * much went wrong.
 */
export function markdown(rows: readonly Row[]): string {
  const found = [...new Set(rows.map(({ runtime }) => runtime))];
  const runtimes = [...found.filter(isOurs), ...found.filter((runtime) => !isOurs(runtime))];
  const cell = (name: string, runtime: string): string => {
    const row = rows.find((one) => one.scenario === name && one.runtime === runtime);
    if (row === undefined) return '';
    const { seconds, notes, grown, problems } = row;
    const done = notes.length > 0 ? notes.join(', ') : `${seconds.toFixed(1)} s`;
    return `${done}, ${grown.memory.toFixed(1)} MiB${problems.length === 0 ? '' : `, ${problems.length} wrong`}`;
  };
  const lines = scenarios
    .map(({ name }) => name)
    .filter((name) => rows.some(({ scenario }) => scenario === name))
    .map((name) => `| ${name} | ${runtimes.map((runtime) => cell(name, runtime)).join(' | ')} |`);
  return [`| scenario | ${runtimes.join(' | ')} |`, `| --- |${' ---: |'.repeat(runtimes.length)}`, ...lines].join('\n');
}
