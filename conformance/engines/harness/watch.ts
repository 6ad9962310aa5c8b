// What an engine may leave on the machine: what the conformance cases look for (processes, cgroups, mounts), and state in
// directories that engines and runtimes share.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { patience } from '../../harness/command.js';
import { leftovers } from '../../harness/machine/leftovers.js';

/** Directories whose entries identify their owner, by name or in a file. */
const named = ['/run/runc', '/run/pocker-runc', '/run/containerd/runc', '/run/containerd/fifo', '/var/lib/cni/networks'];
/** Directories whose entries do not identify their owner: what is there at the end must have been there before. */
const anonymous = ['/run/containerd/s', '/run/netns'];

const largest = 256 * 1024;

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** Whether a path, something below it, or a file's text contains `name`. */
function mentions(path: string, name: string, depth = 3): boolean {
  if (path.includes(name)) return true;
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return false;
  if (status.isDirectory()) return depth > 0 && entries(path).some((entry) => mentions(entry, name, depth - 1));
  return status.isFile() && status.size <= largest && readFileSync(path, 'latin1').includes(name);
}

function statesOf(name: string): string[] {
  return named.flatMap(entries).filter((path) => mentions(path, name));
}

/** A directory without files says nothing about a container. */
function isEmpty(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isDirectory() === true && entries(path).length === 0;
}

/** Removes state that names its owner; removeLeftovers() does the rest. What may be another's is only reported. */
export function removeStates(name: string): void {
  for (const path of statesOf(name)) rmSync(path, { recursive: true, force: true });
}

export class Watch {
  readonly #before = new Set(anonymous.flatMap(entries));

  #all(name: string): string[] {
    const states = [
      ...statesOf(name).filter((path) => !isEmpty(path)),
      ...anonymous.flatMap(entries).filter((path) => !this.#before.has(path)),
    ];
    return [...leftovers(name, '/nonexistent'), ...states.map((path) => `state ${path}`)];
  }

  /** What is left of `name` after it had time to go, one line each. */
  async settled(name: string, milliseconds: number): Promise<string[]> {
    const deadline = performance.now() + milliseconds * patience;
    for (;;) {
      const left = this.#all(name);
      if (left.length === 0 || performance.now() > deadline) return left;
      await sleep(50);
    }
  }
}
