// SIGKILL of commands that change images, at random moments: what was reported exists, and the next command cleans up the rest.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { busybox, exits, type Pocker, pockerTest, type Tap } from '../harness/pocker.js';
import { withRegistry } from '../harness/registry.js';

const rounds = Number(process.env['POCKER_CRASHES'] ?? '12');

/** Starts the command and kills it after that time; true if it had already succeeded. */
async function killed(pocker: Pocker, args: readonly string[], ms: number): Promise<boolean> {
  const [program, ...words] = pocker.words(...args);
  const child = spawn(program!, words, { stdio: 'ignore' });
  const end = new Promise<number | null>((done) => child.once('exit', done));
  await sleep(ms);
  child.kill('SIGKILL');
  return (await end) === 0;
}

/** Files of the store that no image accounts for. */
function unaccounted(pocker: Pocker): string[] {
  const root = pocker.path('root');
  const index = JSON.parse(readFileSync(`${root}/images/index.json`, 'utf8')) as { manifests: { digest: string }[] };
  const manifests = index.manifests.map(({ digest }) => digest.slice(7));
  const read = manifests.map(
    (hex) =>
      JSON.parse(readFileSync(`${root}/images/blobs/sha256/${hex}`, 'utf8')) as {
        config: { digest: string };
        layers: { digest: string }[];
      },
  );
  const blobs = new Set([
    ...manifests,
    ...read.flatMap(({ config, layers }) => [config, ...layers].map(({ digest }) => digest.slice(7))),
  ]);
  const configs = read.map(
    ({ config }) =>
      JSON.parse(readFileSync(`${root}/images/blobs/sha256/${config.digest.slice(7)}`, 'utf8')) as {
        rootfs: { diff_ids: string[] };
      },
  );
  const layers = new Set(['empty', ...configs.flatMap(({ rootfs }) => rootfs.diff_ids.map((digest) => digest.slice(7)))]);
  return [
    ...readdirSync(`${root}/images/blobs/sha256`).filter((name) => !blobs.has(name)),
    ...readdirSync(`${root}/layers`).filter((name) => !layers.has(name)),
    ...readdirSync(`${root}/staging`),
  ];
}

/** Kills the command at moments over its whole time, then lets it finish. */
async function crash(t: Tap, pocker: Pocker, args: readonly string[], undo: () => void): Promise<void> {
  const begin = performance.now();
  exits(t, pocker.call(args));
  const whole = performance.now() - begin;
  undo();
  for (let i = 0; i < rounds; ++i) {
    const ended = await killed(pocker, args, Math.random() * whole);
    const listed = pocker.must('images', '-q');
    if (ended) t.not(listed, '', 'what was reported is there');
    for (const id of listed.split('\n')) if (id !== '') exits(t, pocker.call(['history', id]));
    undo();
  }
  exits(t, pocker.call(args));
  exits(t, pocker.call(['image', 'prune', '-f']));
  // A killed command's program may write a moment longer.
  for (let i = 0; i < 50 && unaccounted(pocker).length > 0; ++i) {
    await sleep(100);
    pocker.must('image', 'prune', '-f');
  }
  t.same(unaccounted(pocker), [], 'nothing half-made stays');
}

pockerTest('load', async (t, pocker) => {
  pocker.must('save', '-o', pocker.path('saved.tar'), busybox);
  await crash(t, pocker, ['load', '-i', pocker.path('saved.tar')], () => {
    pocker.call(['rmi', '-f', busybox]);
  });
  t.equal(pocker.must('run', '--rm', '--network', 'none', busybox, 'echo', 'yes'), 'yes');
});

pockerTest('pull', async (t, pocker) => {
  await withRegistry(pocker, async (name) => {
    pocker.must('tag', busybox, `${name}/busybox:1`);
    pocker.must('push', `${name}/busybox:1`);
    pocker.must('rmi', '-f', pocker.must('images', '-q'));
    await crash(t, pocker, ['pull', `${name}/busybox:1`], () => {
      pocker.call(['rmi', '-f', `${name}/busybox:1`]);
    });
    t.equal(pocker.must('run', '--rm', '--network', 'none', `${name}/busybox:1`, 'echo', 'yes'), 'yes');
  });
});

/** All processes end but the registry, which stands for another machine; so do all mounts and everything in memory. */
async function reboot(pocker: Pocker): Promise<void> {
  const left = (): string[] => pocker.leftovers().filter((line) => !line.includes('docker-registry'));
  for (let i = 0; left().length > 0 && i < 500; ++i) {
    for (const line of left()) {
      const [, pid] = /^(\d+): /.exec(line) ?? [];
      if (pid === undefined) pocker.run('umount', ['-l', line.split(' ')[4]!]);
      else pocker.run('kill', ['-KILL', pid]);
    }
    await sleep(10);
  }
  rmSync(pocker.path('run'), { recursive: true, force: true });
}

pockerTest('a reboot during pull', async (t, pocker) => {
  await withRegistry(pocker, async (name) => {
    const words = ['pull', '-q', `${name}/busybox:1`];
    // A separate image, sharing nothing with the one that is always there.
    pocker.must('run', '--network', 'none', '--name', 'made', busybox, 'cp', '/bin/busybox', '/copy');
    pocker.must('export', '-o', pocker.path('made.tar'), 'made');
    pocker.must('import', pocker.path('made.tar'), `${name}/busybox:1`);
    pocker.must('push', '-q', `${name}/busybox:1`);
    pocker.must('rmi', `${name}/busybox:1`);
    const begin = performance.now();
    exits(t, pocker.call(words));
    const whole = performance.now() - begin;
    for (let i = 0; i < rounds; ++i) {
      pocker.call(['rmi', '-f', `${name}/busybox:1`]);
      const [program, ...args] = pocker.words(...words);
      const child = spawn(program!, args, { stdio: 'ignore' });
      const end = new Promise<number | null>((done) => child.once('exit', done));
      await sleep((i * whole * 1.2) / rounds);
      await reboot(pocker);
      const ended = (await end) === 0;
      const listed = pocker.must('images', '--format', '{{.Repository}}');
      if (ended) t.match(listed, `${name}/busybox`, 'what was reported is there');
      t.match(listed, /^busybox$/m, 'what was there before, too');
      t.match(pocker.must('ps', '-a'), 'made');
      exits(t, pocker.call(words));
      t.equal(pocker.must('run', '--rm', '--network', 'none', `${name}/busybox:1`, 'echo', 'yes'), 'yes', 'pulled again');
      t.same(unaccounted(pocker), [], 'nothing half-made stays');
    }
    pocker.must('rm', 'made');
  });
});

pockerTest('commit', async (t, pocker) => {
  pocker.must('run', '--network', 'none', '--name', 'made', busybox, 'sh', '-c', 'cp /bin/busybox /copy; rm /etc/group');
  await crash(t, pocker, ['commit', 'made', 'made:1'], () => {
    pocker.call(['rmi', 'made:1']);
    pocker.call(['image', 'prune', '-f']);
  });
  t.equal(
    pocker.must(
      'run',
      '--rm',
      '--network',
      'none',
      'made:1',
      'sh',
      '-c',
      'test ! -e /etc/group && cmp /copy /bin/busybox && echo same',
    ),
    'same',
  );
  pocker.must('rm', 'made');
});

pockerTest('rmi', async (t, pocker) => {
  pocker.must('save', '-o', pocker.path('saved.tar'), busybox);
  for (let i = 0; i < rounds; ++i) {
    await killed(pocker, ['rmi', busybox], Math.random() * 20);
    pocker.must('load', '-q', '-i', pocker.path('saved.tar'));
    t.equal(pocker.must('run', '--rm', '--network', 'none', busybox, 'echo', 'yes'), 'yes');
  }
  pocker.must('image', 'prune', '-f');
  t.same(unaccounted(pocker), []);
  rmSync(pocker.path('saved.tar'));
});
