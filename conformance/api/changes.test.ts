// The library: mounts of a running container, checkpoint and restore, and cgroups that systemd makes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '../harness/case.js';
import { rejection, runtimeOf, type Api } from './harness/api.js';
import { noCriu } from '../harness/topics/checkpoint.js';
import { patience } from '../harness/command.js';
import { source } from '../harness/topics/mounts.js';
import { scoped, unitOf, systemctl } from '../harness/topics/scope.js';
import { systemdRuns } from '../harness/machine/units.js';

const quiet = { stdout: 'null', stderr: 'null' } as const;

async function output(made: Api.Container, script: string): Promise<string> {
  const process = await made.exec({ args: ['sh', '-c', script], stdout: 'pipe', stderr: 'null' });
  return process.stdout!.text();
}

test('mounts added and removed', async (t, box) => {
  const container = await box.running();
  const made = await runtimeOf(box).get(container.id);
  const mount = { destination: '/added', type: 'bind', source: source(box), options: ['bind', 'ro'] };
  await made.addMounts([mount]);
  t.equal(await output(made, 'cat /added/file; echo x > /added/file || echo refused'), 'found\nrefused\n');
  await made.removeMounts([{ destination: '/added' }]);
  t.equal(await output(made, 'cat /added/file || echo gone'), 'gone\n');
  t.match(await rejection(made.addMounts([{ destination: 5 as never }])), { code: 'E_CONFIG_SCHEMA', pointer: '/0/destination' });
});

test(
  'a container that is checkpointed goes on where it was when it is restored',
  async (t, box) => {
    const container = box.container((config) => {
      const loop = 'while :; do i=$((i + 1)); echo $i > /count.new; mv /count.new /count; sleep 0.05; done';
      config.process.args = ['sh', '-c', `i=0; ${loop}`];
    });
    const { id, bundle } = container;
    const runtime = runtimeOf(box);
    const images = box.path('images');
    const count = (): number => Number(readFileSync(`${container.rootfs}/count`, 'utf8'));
    const countsOn = async (from: number): Promise<number> => {
      for (let tries = 500 * patience; tries > 0 && count() < from + 3; tries--) await sleep(20);
      return count();
    };
    mkdirSync(images);
    const made = await runtime.spawn(id, { bundle, ...quiet });
    await sleep(300);
    const first = await countsOn(0);
    await made.checkpoint({ imagePath: images });
    t.match(await rejection(made.state()), { code: 'E_NO_CONTAINER' });
    const before = count();
    t.ok(before >= first);
    const restored = await runtime.restore(id, { bundle, ...quiet, imagePath: images });
    t.equal((await restored.state()).status, 'running');
    const after = await countsOn(before);
    t.ok(after > before && after < before + 1000, 'it counts on', { before, after });
    await restored.kill('SIGKILL');
    t.match(await restored.wait(), { signal: 'SIGKILL' });
    await restored.delete();
  },
  { skip: noCriu },
);

test(
  'cgroups that systemd makes',
  async (t, box) => {
    box.atEnd(() => systemctl('stop', 'pkrtest.slice'));
    const container = scoped(box, () => undefined, 'pkrtest-a.slice');
    const runtime = runtimeOf(box, { cgroupManager: 'systemd' });
    const made = await runtime.spawn(container.id, { bundle: container.bundle, ...quiet });
    t.match(execFileSync('systemctl', ['is-active', unitOf(container)], { encoding: 'utf8' }), /^active/);
    t.match(readFileSync(`/proc/${made.pid}/cgroup`, 'utf8'), `pkrtest-a.slice/${unitOf(container)}`);
    await made.update({ pids: { limit: 33 } });
    t.match(await made.stats(), { pids: { limit: 33 } });
    await made.delete({ force: true });
  },
  { skip: systemdRuns ? false : 'systemd does not run here' },
);
