// What each fault led to, one JSON object per line: for a reader, and to make one table of sweeps that ran one by one.
import { appendFileSync, readFileSync } from 'node:fs';
import { type Kind, kindName } from './judgement.js';
import type { Sweep } from './report.js';
import type { Row } from './row.js';

export interface Outcome {
  readonly command: string;
  readonly fault: string;
  /** 0: the sweep is over, and `problems` are what it left. */
  readonly nth: number;
  readonly call: string;
  readonly code: number;
  readonly stderr: string;
  readonly problems: readonly string[];
}

export type Log = (outcome: Outcome) => void;

export function logTo(file: string | undefined): Log {
  return (outcome) => {
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(outcome)}\n`);
  };
}

/** The last complete sweep of each command and fault; interrupted ones do not count. */
export function sweepsIn(file: string): ReadonlyMap<string, readonly Outcome[]> {
  const begun = new Map<string, Outcome[]>();
  const whole = new Map<string, Outcome[]>();
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const outcome = JSON.parse(line) as Outcome;
    const key = keyOf(outcome.command, outcome.fault);
    const sweep = outcome.nth === 1 ? [] : (begun.get(key) ?? []);
    sweep.push(outcome);
    begun.set(key, sweep);
    if (outcome.nth === 0) whole.set(key, sweep);
  }
  return whole;
}

const keyOf = (command: string, fault: string): string => `${command} ${fault}`;

/** The results of the complete sweeps in a log. */
export function rowsOf(file: string, wanted: readonly Sweep[]): Row[] {
  const sweeps = sweepsIn(file);
  return wanted.flatMap(({ command, kind }) => {
    const outcomes = sweeps.get(keyOf(command.name, kindName(kind)));
    return outcomes === undefined ? [] : [rowOf(command.name, kind, outcomes)];
  });
}

function rowOf(command: string, kind: Kind, outcomes: readonly Outcome[]): Row {
  const attempts = outcomes.filter(({ nth }) => nth > 0);
  const reported = attempts.filter(({ code }) => code !== 0).length;
  const findings = outcomes.flatMap(({ nth, call, problems }) => problems.map((problem) => ({ nth, call, problem })));
  return { command, kind, calls: attempts.length, reported, unharmed: attempts.length - reported, findings, seconds: 0 };
}
