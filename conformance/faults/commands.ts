// The commands that faults are injected into: what must exist before each, and what may exist after it has failed.
import { noCriu } from '../harness/topics/checkpoint.js';
import { type Config, shell } from '../harness/config.js';
import type { Container } from '../harness/container.js';

export interface FaultyCommand {
  readonly name: string;
  /** Its command line, after the global options. */
  readonly args: (container: Container) => readonly string[];
  /** What it needs: no container with that id, or one in that status. */
  readonly before: 'none' | 'created' | 'running' | 'paused' | 'stopped' | 'images';
  /**
   * After a failure: no trace of the container, the container unchanged, unchanged unless it is stopped or gone, or one that can
   * only be deleted.
   */
  readonly after: 'none' | 'same' | 'same or ended' | 'any';
  /** Reverts what it does, so that it can be done again. */
  readonly undo?: (container: Container) => readonly string[];
  /** What this machine lacks for it; false: nothing. */
  readonly skip?: string | false;
}

const bundle = ({ bundle: path }: Container): readonly string[] => ['--bundle', path];
const mounts = ({ box }: Container): string => box.path('mounts.json');
const images = ({ box }: Container): readonly string[] => ['--image-path', box.path('images')];

export const commands: readonly FaultyCommand[] = [
  { name: 'create', args: (one) => ['create', ...bundle(one), one.id], before: 'none', after: 'none' },
  { name: 'start', args: (one) => ['start', one.id], before: 'created', after: 'any' },
  { name: 'run', args: (one) => ['run', ...bundle(one), one.id], before: 'none', after: 'none' },
  { name: 'run --detach', args: (one) => ['run', '--detach', ...bundle(one), one.id], before: 'none', after: 'none' },
  { name: 'exec', args: (one) => ['exec', one.id, 'true'], before: 'running', after: 'same' },
  {
    name: 'update',
    args: (one) => ['update', '--pids-limit', '77', '--memory', '100000000', one.id],
    before: 'running',
    after: 'same',
  },
  { name: 'pause', args: (one) => ['pause', one.id], before: 'running', after: 'same', undo: (one) => ['resume', one.id] },
  { name: 'resume', args: (one) => ['resume', one.id], before: 'paused', after: 'same', undo: (one) => ['pause', one.id] },
  {
    name: 'mounts add',
    args: (one) => ['mounts', 'add', one.id, mounts(one)],
    before: 'running',
    after: 'same',
    undo: (one) => ['mounts', 'remove', one.id, mounts(one)],
  },
  { name: 'kill', args: (one) => ['kill', one.id, 'CONT'], before: 'running', after: 'same' },
  { name: 'state', args: (one) => ['state', one.id], before: 'running', after: 'same' },
  { name: 'ps', args: (one) => ['ps', one.id], before: 'running', after: 'same' },
  { name: 'events', args: (one) => ['events', '--stats', one.id], before: 'running', after: 'same' },
  {
    name: 'checkpoint',
    args: (one) => ['checkpoint', ...images(one), one.id],
    before: 'running',
    after: 'same or ended',
    skip: noCriu,
  },
  {
    name: 'restore',
    args: (one) => ['restore', '--detach', ...bundle(one), ...images(one), one.id],
    before: 'images',
    after: 'none',
    skip: noCriu,
  },
  { name: 'delete', args: (one) => ['delete', one.id], before: 'stopped', after: 'any' },
  { name: 'delete --force', args: (one) => ['delete', '--force', one.id], before: 'running', after: 'any' },
];

/** A container that exercises all parts of the runtime: hooks of each side, ids, limits, masks, devices, a filter. */
export function rich(config: Config): void {
  config.process.args = shell('exec < /dev/null > /dev/null 2>&1; exec sleep 600');
  config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 100 }];
  config.hostname = 'rich';
  config.linux.resources = { pids: { limit: 100 }, memory: { limit: 200_000_000 }, devices: [{ allow: false, access: 'rwm' }] };
  config.linux.maskedPaths = ['/proc/keys'];
  config.linux.readonlyPaths = ['/proc/sys'];
  config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['chroot'], action: 'SCMP_ACT_ERRNO' }] };
  const hook = [{ path: '/bin/true' }];
  config.hooks = { createRuntime: hook, poststart: hook, poststop: hook };
}
