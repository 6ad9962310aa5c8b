// Shared by the cases of checkpoint and restore: a program that counts, and whether the runtime and criu can do this here.
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandResult, patience } from '../command.js';
import { type Config, shell } from '../config.js';
import type { Container, VerbOptions } from '../container.js';
import { checkCriu } from '../machine/criu.js';
import { runtime } from '../runtime.js';

function checkRuntime(): string | false {
  if (runtime.kind !== 'crun') return false;
  const { stdout } = spawnSync(runtime.path, ['--version'], { encoding: 'utf8' });
  return stdout.includes('+CRIU') ? false : 'this crun is built without criu';
}

/** Why the runtime has no such commands, or false. */
export const noCheckpoint = checkRuntime();

/** Why nothing can be checkpointed here, or false. */
export const noCriu = noCheckpoint === false ? checkCriu() : noCheckpoint;

/**
 * Counts in the symlink /count: a file that is open during a checkpoint must have the same size at the restore, but it goes on with
 * --leave-running. Its descriptors are the container's own, unless `output` says otherwise.
 */
export function counting(config: Config, output = 'exec < /dev/null > /dev/null 2>&1;'): void {
  const loop = 'while :; do i=$((i + 1)); ln -snf $i /count.new; mv /count.new /count; echo $i; sleep 0.05; done';
  config.process.args = shell(`${output} i=0; ${loop}`);
}

export function count(container: Container): number {
  try {
    return Number(readlinkSync(join(container.rootfs, 'count')));
  } catch {
    return 0; // not there yet
  }
}

/** Waits until it has counted `more` from where it is now. */
export async function countsOn(container: Container, more = 3): Promise<number> {
  const begin = count(container);
  const deadline = performance.now() + 10_000 * patience;
  while (count(container) < begin + more) {
    if (performance.now() > deadline) throw new Error(`${container.id} does not count on from ${begin}`);
    await sleep(20);
  }
  return count(container);
}

const minute = 60_000;

export function checkpoint(container: Container, images: string, flags: readonly string[] = []): Promise<CommandResult> {
  return container.verb('checkpoint', { flags: ['--image-path', container.box.path(images), ...flags], timeout: minute });
}

/** Detached. */
export function restore(
  container: Container,
  images: string,
  { flags = [], ...options }: VerbOptions = {},
): Promise<CommandResult> {
  const own = ['--detach', '--bundle', container.bundle, '--image-path', container.box.path(images)];
  return container.verb('restore', { ...options, flags: [...own, ...flags], timeout: minute });
}
