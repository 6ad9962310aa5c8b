// Checkpoint and restore by engines: separate scripts, because criu 3.17 refuses kernels that the other scripts run on.
// conformance/vm/engines.mjs runs them where it works.
import { setTimeout as sleep } from 'node:timers/promises';
import { checkCriu } from '../harness/machine/criu.js';
import type { CommandResult } from '../harness/command.js';
import { builtNames, builtTools, Ctr, ctr, builtPrograms, umoci } from './containerd/containerd.js';
import { type Engine, engine, type Package, type Session, type Step } from './harness/engine.js';
import { podmanSetup, type Podman } from './podman/podman.js';
import { missing } from './harness/programs.js';

const criu: Package = { name: 'criu', programs: ['criu'] };

const lacksCriu = (): string | undefined => checkCriu() || undefined;

/**
 * Counts in a symlink: a file could be open during a checkpoint, and have another size at the restore. It has its own descriptors,
 * because ctr's are FIFOs that disappear with it.
 */
const counting = [
  'sh',
  '-c',
  'exec </dev/null >/dev/null 2>&1; i=0; while :; do i=$((i + 1)); ln -snf $i /m; mv /m /n; sleep 0.1; done',
];

/** What it has counted to, once it has counted past `before`. */
async function countedFrom(session: Session, before: number, exec: (round: number) => string[]): Promise<CommandResult> {
  for (let round = 0; ; round += 1) {
    const result = await session.client(exec(round));
    const count = Number(result.stdout);
    // A container that had started over would not have got there yet.
    if (count > before) return { ...result, stdout: `${count} after ${before}: it goes on\n` };
    if (round === 20) return { ...result, code: 1, stderr: `${result.stderr}\nit does not count on from ${before}` };
    await sleep(200);
  }
}

let counted = 0;

async function remember(session: Session, exec: readonly string[]): Promise<CommandResult> {
  const result = await session.until(exec, /^\d\d+\s*$/);
  counted = Number(result.stdout);
  return result;
}

const goesOn = { stdout: /it goes on/ };

const podmanSteps: readonly Step<Podman>[] = [
  {
    name: 'a container that counts',
    run: async (podman) => {
      await podman.detached('counting', [], ...counting);
      return remember(podman, ['exec', 'counting', 'readlink', '/n']);
    },
    expect: { stdout: /^\d+$/m },
  },
  {
    name: 'container checkpoint',
    run: async (podman) => {
      await podman.ok('container', 'checkpoint', 'counting');
      return podman.client(['ps', '--all', '--format', '{{.Names}} {{.Status}}']);
    },
    expect: { stdout: /^counting Exited/m },
  },
  {
    name: 'container restore',
    run: async (podman) => {
      await podman.ok('container', 'restore', 'counting');
      return countedFrom(podman, counted, () => ['exec', 'counting', 'readlink', '/n']);
    },
    expect: goesOn,
  },
  {
    name: 'container checkpoint --export',
    run: async (podman) => {
      await remember(podman, ['exec', 'counting', 'readlink', '/n']);
      await podman.ok('container', 'checkpoint', '--export', podman.site.path('exported.tar'), 'counting');
      await podman.ok('rm', 'counting');
      return podman.client(['ps', '--all', '--quiet']);
    },
    expect: { stdout: /^$/ },
  },
  {
    name: 'container restore --import --name',
    run: async (podman) => {
      await podman.ok('container', 'restore', '--import', podman.site.path('exported.tar'), '--name', 'other');
      return countedFrom(podman, counted, () => ['exec', 'other', 'readlink', '/n']);
    },
    expect: goesOn,
  },
];

const saved = 'localhost/saved:test';

const ctrExec = (id: string, round: number): string[] => ['tasks', 'exec', '--exec-id', `e${round}`, id, 'readlink', '/n'];

async function end(session: Ctr, id: string): Promise<void> {
  await session.client(['tasks', 'kill', '-s', 'SIGKILL', id]);
  await session.until(['tasks', 'ls'], new RegExp(`^${id}\\s+\\d+\\s+STOPPED`, 'm'));
  await session.client(['tasks', 'delete', id]);
  await session.ok('containers', 'rm', id);
}

const containerdSteps: readonly Step<Ctr>[] = [
  {
    name: 'a container that counts',
    run: async (session) => {
      await session.detached('counting', [], ...counting);
      return countedFrom(session, 10, (round) => ctrExec('counting', round));
    },
    expect: goesOn,
  },
  {
    name: 'containers checkpoint --image --rw --task',
    run: async (session) => {
      counted = Number(await session.ok(...ctrExec('counting', 100)));
      await session.ok('containers', 'checkpoint', '--image', '--rw', '--task', 'counting', saved);
      return session.client(['images', 'ls', '-q']);
    },
    expect: { stdout: new RegExp(`^${saved}$`, 'm') },
  },
  {
    name: 'the container goes on meanwhile',
    run: (session) => countedFrom(session, counted, (round) => ctrExec('counting', 200 + round)),
    expect: goesOn,
  },
  {
    name: 'containers restore --rw --live',
    run: async (session) => {
      await end(session, 'counting');
      await session.ok('containers', 'restore', '--rw', '--live', 'other', saved);
      return countedFrom(session, counted, (round) => ctrExec('other', round));
    },
    expect: goesOn,
  },
  {
    name: 'tasks checkpoint --exit --image-path',
    run: async (session) => {
      const images = session.site.path('images');
      await session.ok('tasks', 'checkpoint', '--exit', '--image-path', images, 'other');
      return session.site.command('ls', [images]);
    },
    expect: { stdout: /^pages-1\.img$/m },
  },
];

export const podmanCheckpoint: Engine = engine<Podman>({
  ...podmanSetup({ name: 'podman-criu', packages: [criu], lacks: lacksCriu }),
  steps: podmanSteps,
});

export const containerdCheckpoint: Engine = engine<Ctr>({
  name: 'containerd-criu',
  packages: [umoci, criu],
  tools: builtTools,
  lacks: () => missing(['umoci', 'setpriv', 'script'], builtNames) ?? lacksCriu(),
  open: ctr(3, builtPrograms),
  steps: containerdSteps,
});
