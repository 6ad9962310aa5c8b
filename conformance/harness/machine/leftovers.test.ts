// Proves that the harness notices what a runtime leaves behind: each kind is left here on purpose.
import { existsSync, mkdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Box } from '../box.js';
import { cgroupsNamed, hierarchies } from './cgroup.js';
import { leftovers, mountsOf, processesOf, removeLeftovers } from './leftovers.js';

async function closed(box: Box): Promise<string[]> {
  const left = await box.close(300);
  await removeLeftovers(box.name);
  return left;
}

void t.test('a fresh box has nothing', async (t) => {
  t.same(await closed(new Box()), []);
});

void t.test('a process is noticed by its arguments, and by its mounts', async (t) => {
  const box = new Box();
  const orphan = (script: string): unknown => spawnSync('sh', ['-c', `${script} &`], { stdio: 'ignore' });
  orphan(`sh -c 'sleep 30; true' ${box.name}`);
  orphan(`unshare -m sh -c 'mount -t tmpfs none "$0" && exec sleep 31' ${box.path('log')}`);
  const processes = (lines: string[]): string[] => lines.filter((line) => line.startsWith('process '));
  // Between fork and the last exec, other programs name the box too: wait for those that stay.
  const final = [`sh -c sleep 30; true ${box.name} `, 'sleep 31 '];
  const stay = (lines: string[]): string[] => final.filter((end) => lines.some((line) => line.endsWith(`: ${end}`)));
  for (let waited = 0; waited < 10_000 && stay(leftovers(box.name, box.stateRoot)).length < 2; waited += 50) await sleep(50);
  const left = processes(await closed(box));
  t.same(stay(left), final, 'both are reported', { left });
  t.same(processesOf(box.name), [], 'and ended');
});

void t.test('a cgroup is noticed', async (t) => {
  const box = new Box();
  const hierarchy = hierarchies[0];
  if (hierarchy === undefined) return;
  mkdirSync(join(hierarchy.path, box.name, 'inner'), { recursive: true });
  t.equal((await closed(box)).filter((line) => line.startsWith('cgroup ')).length, 2);
  t.same(cgroupsNamed(box.name), [], 'and removed');
});

void t.test('a mount is noticed', async (t) => {
  const box = new Box();
  spawnSync('mount', ['-t', 'tmpfs', 'none', box.path('log')]);
  // Anyone who makes a mount namespace at this moment also gets a copy, and is reported as a process.
  t.same(
    (await closed(box)).filter((line) => line.startsWith('mount ')),
    [`mount ${box.path('log')}`],
  );
  t.same(mountsOf(box.name), [], 'and removed');
});

void t.test('a change of mounts that are not of the case is noticed', async (t) => {
  const box = new Box();
  spawnSync('mount', ['--make-private', '/']);
  spawnSync('mount', ['-t', 'tmpfs', 'none', '/mnt']);
  const left = (await closed(box)).map((line) => line.split(' ').slice(0, 3).join(' '));
  t.same(left, ["host's mount gone:", "host's mount new:", "host's mount new:"]);
  spawnSync('umount', ['/mnt']);
  spawnSync('mount', ['--make-shared', '/']);
});

void t.test('a state directory is noticed', async (t) => {
  const box = new Box();
  mkdirSync(join(box.stateRoot, 'forgotten'), { recursive: true });
  t.same(await closed(box), ['state forgotten']);
});

void t.test('every part of an undeleted container is noticed', async (t) => {
  const box = new Box();
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  await container.up();
  const kinds = new Set(leftovers(box.name, box.stateRoot).map((line) => line.split(' ')[0]));
  t.ok(kinds.has('process'));
  t.ok(kinds.has('cgroup'));
  t.ok(kinds.has('state'));
  t.same(await closed(box), [], 'the box deletes it');
  t.notOk(existsSync(box.directory));
});
