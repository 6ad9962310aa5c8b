// The runtimes to compare: ours and its peers, each by its path.
import { spawnSync } from 'node:child_process';
import { identify, type Runtime } from '../harness/runtime.js';

/** `label` is "runc 1.5", by which differences.ts names a release. */
export interface Peer extends Runtime {
  readonly label: string;
}

export function peer(path: string): Peer {
  const found = identify(path);
  return { ...found, label: found.isOurs ? 'pocker-runc' : `${found.kind} ${found.release}` };
}

/** One of each release: if two paths are the same release, the first counts. */
export function peersOf(paths: readonly string[]): Peer[] {
  const labels = new Map<string, Peer>();
  for (const one of paths.map(peer)) if (!labels.has(one.label)) labels.set(one.label, one);
  return [...labels.values()];
}

/** Path of a program in $PATH, if it exists. */
export function inPath(name: string): string | undefined {
  const { stdout, status } = spawnSync('sh', ['-c', 'command -v -- "$1"', 'sh', name], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
