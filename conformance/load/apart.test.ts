// Whatever becomes of what runs apart, its cgroups go with it.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { cgroupsNamed, hierarchies, layout } from '../harness/machine/cgroup.js';
import { projectRoot } from '../harness/runtime.js';

const script = join(projectRoot, 'conformance/load/apart.sh');
const own = layout === 'v2' || layout === 'none' ? [] : hierarchies.filter(({ version }) => version === 1);
const skip = (process.getuid?.() !== 0 && 'cgroups need root') || (own.length === 0 && 'on cgroup v2 nothing runs apart');

const left = (pid: number): string[] => cgroupsNamed(`pkr-load-${pid}`);

const apart = (words: readonly string[], path = ''): ReturnType<typeof spawn> =>
  spawn('unshare', ['-m', script, ...words], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${path}:${process.env['PATH']}` },
  });

const ended = (child: ReturnType<typeof spawn>): Promise<number | null> =>
  new Promise((done) => {
    child.once('exit', done);
  });

async function until(found: () => boolean): Promise<boolean> {
  for (let round = 0; round < 200 && !found(); round++) await sleep(50);
  return found();
}

void t.test('a load that fails and leaves cgroups, whose code is kept', { skip }, async (t) => {
  const child = apart(['sh', '-c', 'mkdir -p /sys/fs/cgroup/*/left/over; exit 7']);
  t.equal(await ended(child), 7);
  t.same(left(child.pid!), []);
});

void t.test('a step of it that fails when some of the cgroups exist', { skip }, async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'pkr-apart-'));
  writeFileSync(join(path, 'cat'), '#!/bin/sh\nexit 1\n');
  chmodSync(join(path, 'cat'), 0o755);
  const child = apart(['true'], path);
  t.not(await ended(child), 0);
  t.same(left(child.pid!), []);
  rmSync(path, { recursive: true });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  void t.test(`${signal} while it runs`, { skip }, async (t) => {
    const child = apart(['sleep', '300']);
    t.ok(await until(() => left(child.pid!).length === own.length), 'it has cgroups');
    child.kill(signal);
    t.not(await ended(child), 0);
    t.same(left(child.pid!), []);
  });
}
