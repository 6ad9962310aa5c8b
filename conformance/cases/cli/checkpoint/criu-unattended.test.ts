// checkpoint and restore that are killed: criu goes on for a while, and whoever uses the container next must not meet it. The criu of
// most of these cases is a script that does as it is told; conformance/faults kills commands at each call with the real one.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../../../harness/box.js';
import { failed, succeeded, test } from '../../../harness/case.js';
import { patience, type CommandResult } from '../../../harness/command.js';
import type { Container } from '../../../harness/container.js';
import { waitForText } from '../../../harness/container.js';
import { cgroupDirectory, layout } from '../../../harness/machine/cgroup.js';
import { counting, countsOn, noCriu } from '../../../harness/topics/checkpoint.js';

const ours = { oursOnly: true } as const;
const minute = { timeout: 60_000 } as const;

/** Puts a script in criu's place, which takes the request, does `work`, and goes on until the file `end` exists, or SIGKILL. */
function standIn(box: Box, work = ':'): { env: NodeJS.ProcessEnv } {
  mkdirSync(box.path('bin'), { recursive: true });
  const lines = [
    '#!/bin/sh',
    'dd bs=65536 count=1 of=/dev/null <&3 2> /dev/null',
    work,
    `echo $$ > ${box.path('criu-pid')}`,
    `while [ ! -e ${box.path('end')} ]; do sleep 0.02; done`,
  ];
  writeFileSync(box.path('bin', 'criu'), `${lines.join('\n')}\n`, { mode: 0o755 });
  return { env: { ...process.env, PATH: `${box.path('bin')}:${process.env['PATH'] ?? ''}` } };
}

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** Kills the command while its criu is at work. Returns criu's pid. */
async function killedAtWork(box: Box, run: (onSpawn: (pid: number) => void) => Promise<CommandResult>): Promise<number> {
  let command = 0;
  const running = run((pid) => (command = pid));
  const criu = Number(await waitForText(box.path('criu-pid')));
  process.kill(command, 'SIGKILL');
  await running;
  return criu;
}

function killedCheckpoint(box: Box, container: Container, work?: string): Promise<number> {
  const { env } = standIn(box, work);
  const flags = ['--image-path', box.path('images')];
  return killedAtWork(box, (onSpawn) => container.verb('checkpoint', { env, flags, onSpawn, ...minute }));
}

function killedRestore(box: Box, container: Container): Promise<number> {
  const { env } = standIn(box);
  mkdirSync(box.path('images'));
  writeFileSync(box.path('images', 'inventory.img'), '');
  const flags = ['--detach', '--bundle', container.bundle, '--image-path', box.path('images')];
  return killedAtWork(box, (onSpawn) => container.verb('restore', { env, flags, onSpawn, ...minute }));
}

/** A command that begins while criu is at work, and must not have ended before it. */
async function waits(box: Box, criu: number, command: Promise<CommandResult>): Promise<CommandResult> {
  const ended = command.then(() => isAlive(criu));
  await Promise.race([ended, sleep(500)]);
  writeFileSync(box.path('end'), '');
  if (await ended) throw new Error('it did not wait for criu');
  return command;
}

/** Freezes the container, as criu does. */
function freezing(container: Container): string {
  const v2 = layout === 'v2';
  const directory = cgroupDirectory(v2 ? '' : 'freezer', container.cgroupsPath) ?? '';
  return v2 ? `echo 1 > ${directory}/cgroup.freeze` : `echo FROZEN > ${directory}/freezer.state`;
}

test(
  'after a killed checkpoint, delete --force ends criu with the container',
  async (t, box) => {
    const container = await box.running();
    const criu = await killedCheckpoint(box, container, freezing(container));
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.notOk(isAlive(criu));
    t.same(await box.leftovers(), []);
  },
  ours,
);

test(
  'after a killed checkpoint, other commands wait until criu has ended, and then the container runs as before',
  async (t, box) => {
    const container = await box.running();
    const criu = await killedCheckpoint(box, container);
    succeeded(t, await waits(box, criu, container.verb('update', { flags: ['--pids-limit', '50'] })));
    t.equal((await container.state()).status, 'running');
    succeeded(t, await container.verb('exec', {}, ['true']));
  },
  ours,
);

test(
  'a criu that does not end makes them fail, and says which process it is',
  async (t, box) => {
    const container = await box.running();
    const criu = await killedCheckpoint(box, container);
    failed(t, await container.verb('pause', minute), new RegExp(`busy: criu \\(process ${criu}\\)[^]*hint: .*delete --force`));
    t.ok(isAlive(criu), 'it is left alone');
  },
  ours,
);

for (const [verb, status] of [
  ['pause', 'paused'],
  ['resume', 'running'],
] as const) {
  test(
    `a container that a killed criu left frozen: ${verb}`,
    async (t, box) => {
      const container = await box.running();
      process.kill(await killedCheckpoint(box, container, freezing(container)), 'SIGKILL');
      await container.waitFor('paused');
      succeeded(t, await container.verb(verb));
      t.equal((await container.state()).status, status);
      succeeded(t, await container.delete({ flags: ['--force'] }));
    },
    ours,
  );
}

test(
  'a container that a killed criu left frozen: doctor finds and thaws it',
  async (t, box) => {
    const container = await box.running();
    process.kill(await killedCheckpoint(box, container, freezing(container)), 'SIGKILL');
    await container.waitFor('paused');
    const found = await box.runtime(['doctor', '--fix', '--format', 'json'], minute);
    const { leftovers } = JSON.parse(found.stdout) as { leftovers: { kind: string; subject: string; removed: boolean }[] };
    const own = leftovers.filter(({ subject }) => subject === container.id);
    t.match(own, [{ kind: 'interrupted checkpoint', removed: true }]);
    t.equal((await container.state()).status, 'running');
  },
  ours,
);

test(
  'if criu alone is killed, checkpoint fails, and the container runs as before',
  async (t, box) => {
    const container = await box.running();
    const { env } = standIn(box, `${freezing(container)}; kill -9 $$`);
    const flags = ['--image-path', box.path('images')];
    failed(t, await container.verb('checkpoint', { env, flags, ...minute }), /it ended without an answer/);
    t.equal((await container.state()).status, 'running');
    succeeded(t, await container.verb('exec', {}, ['true']));
  },
  ours,
);

test(
  'one that was paused before its checkpoint stays paused',
  async (t, box) => {
    const container = await box.running();
    succeeded(t, await container.verb('pause'));
    process.kill(await killedCheckpoint(box, container), 'SIGKILL');
    succeeded(t, await container.verb('update', { flags: ['--pids-limit', '50'] }));
    t.equal((await container.state()).status, 'paused');
  },
  ours,
);

for (const [what, run] of [
  ['delete', (one) => one.delete(minute)],
  ['delete --force', (one) => one.delete({ flags: ['--force'], ...minute })],
  ['create', (one) => one.create(minute)],
  ['doctor --fix', (one) => one.box.runtime(['doctor', '--fix'], minute)],
] as const satisfies readonly (readonly [string, (container: Container) => Promise<CommandResult>])[]) {
  test(
    `after a killed restore, ${what} waits until criu has ended, and then clears up`,
    async (t, box) => {
      const container = box.container();
      const criu = await killedRestore(box, container);
      const { code, stderr } = await waits(box, criu, run(container));
      t.equal(what === 'doctor --fix' ? 0 : code, 0, stderr);
      if (what === 'create') t.equal((await container.state()).status, 'created');
      else t.same(await box.leftovers(), []);
    },
    ours,
  );
}

/** The criu that the record names; 0: none. */
function recordedCriu(box: Box, { id }: Container): number {
  const { criu } = JSON.parse(readFileSync(box.path('state', id, 'state.json'), 'utf8')) as { criu?: { pid: number } };
  return criu?.pid ?? 0;
}

/** Returns criu's pid; 0 if it had not begun, or was done. */
async function killedAfter(box: Box, container: Container, milliseconds: number, flags: readonly string[]): Promise<number> {
  let command = 0;
  const onSpawn = (pid: number): void => void (command = pid);
  const images = ['--image-path', box.path(`images${milliseconds}`)];
  const running = container.verb('checkpoint', { flags: [...images, ...flags], onSpawn, ...minute });
  await sleep(milliseconds * patience);
  if (isAlive(command)) process.kill(command, 'SIGKILL');
  await running;
  return recordedCriu(box, container);
}

for (const flags of [['--leave-running'], ['--pre-dump']])
  test(
    `the real criu, whose checkpoint ${flags[0]} is killed at some moment, leaves the container as it was`,
    async (t, box) => {
      const container = box.container(counting);
      await container.up();
      let met = 0;
      for (const milliseconds of [10, 30, 60, 90, 130, 180]) {
        const criu = await killedAfter(box, container, milliseconds, flags);
        if (criu > 0) met += 1;
        succeeded(t, await container.verb('update', { flags: ['--pids-limit', '500'], ...minute }));
        t.notOk(criu > 0 && isAlive(criu), `criu has ended, ${milliseconds} ms`);
        await countsOn(container);
      }
      t.ok(met > 0, 'it was at work at least once', { met });
    },
    { ...ours, skip: noCriu },
  );

test(
  'the real criu that serves pages goes on without its checkpoint, and is ended by delete --force',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    await countsOn(container);
    const criu = await killedAfter(box, container, 2000, ['--lazy-pages', '--page-server', '127.0.0.1:27927']);
    t.ok(criu > 0 && isAlive(criu));
    failed(t, await container.verb('update', { flags: ['--pids-limit', '500'], ...minute }), /busy: criu/);
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.notOk(isAlive(criu));
    t.same(await box.leftovers(), []);
  },
  { ...ours, skip: noCriu },
);
