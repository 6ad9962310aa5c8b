// Runs the cases with our runtime and its peers, side by side, and reports the differences:
//   npm run test:peers [-- [--peer PATH]… [--jobs N] [CASE…]]        CASE: part of a case's name, "subject/what"
// Ends with `N passed, N failed`: one for each case and peer.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { projectRoot } from '../harness/runtime.js';
import { observe, type PeerCase } from './case.js';
import { compare, Judge } from './compare.js';
import { differences } from './differences.js';
import { type Compared, counts, explained, stale, table, unexplained } from './report.js';
import { type Peer, peer } from './runtimes.js';
import { tables } from './tables/index.js';
import type { Outcome } from './site.js';

export interface Options {
  readonly peers: readonly string[];
  readonly jobs: number;
  readonly cases: readonly string[];
}

/** By "name\tlabel". */
type Outcomes = Map<string, Outcome>;

async function observeAll(cases: readonly PeerCase[], runtimes: readonly Peer[], base: string, jobs: number): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  let serial = 0;
  const observeOne = async (one: PeerCase, runtime: Peer): Promise<void> => {
    const id = `${basename(base)}-${String(serial++).padStart(5, '0')}`;
    outcomes.set(`${one.name}\t${runtime.label}`, await observe(one, runtime, base, id));
  };
  const work = cases.filter(({ alone }) => alone !== true).flatMap((one) => runtimes.map((runtime) => ({ one, runtime })));
  const worker = async (): Promise<void> => {
    for (let next = work.shift(); next !== undefined; next = work.shift()) await observeOne(next.one, next.runtime);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  for (const one of cases.filter(({ alone }) => alone === true)) for (const runtime of runtimes) await observeOne(one, runtime);
  return outcomes;
}

function judgeAll(cases: readonly PeerCase[], ours: Peer, peers: readonly Peer[], outcomes: Outcomes): [Compared[], Judge] {
  const judge = new Judge(differences);
  const all = cases.flatMap(({ name }) =>
    peers.map(({ label }): Compared => {
      const [mine, theirs] = [outcomes.get(`${name}\t${ours.label}`)!, outcomes.get(`${name}\t${label}`)!];
      const findings = compare(name, label, mine, theirs).map((finding) => judge.explain(finding));
      return { name, peer: label, ours: mine, theirs, findings };
    }),
  );
  return [all, judge];
}

function print(title: string, text: string): void {
  if (text !== '') process.stdout.write(`\n==== ${title}\n${text}\n`);
}

export async function main({ peers: paths, jobs, cases: parts }: Options): Promise<number> {
  const cases = tables.flat().filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
  const ours = peer(join(projectRoot, 'dist/pocker-runc'));
  const peers = paths.map(peer);
  const base = mkdtempSync(join(tmpdir(), 'pkr-peers-'));
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', base]);
  const begin = performance.now();
  try {
    copyFileSync('/bin/busybox', join(base, 'busybox'));
    const outcomes = await observeAll(cases, [ours, ...peers], base, jobs);
    const [all, judge] = judgeAll(cases, ours, peers, outcomes);
    const labels = peers.map(({ label }) => label);
    // If only some cases were run, nobody knows.
    const old = parts.length > 0 ? [] : stale(judge, labels);
    print('differences with a reason', explained(all));
    print('differences without a reason', unexplained(all));
    print('reasons that were not needed', old.join('\n'));
    const { passed, failed } = counts(all);
    print(`${cases.length} cases in ${((performance.now() - begin) / 1000).toFixed(0)} s`, table(all));
    process.stdout.write(`\n${passed} passed, ${failed + old.length} failed\n`);
    return failed + old.length === 0 ? 0 : 1;
  } finally {
    spawnSync('umount', ['-l', base]);
    rmSync(base, { recursive: true, force: true });
  }
}

export const defaultJobs = 2 * availableParallelism();
