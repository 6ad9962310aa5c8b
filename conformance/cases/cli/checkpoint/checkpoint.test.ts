// checkpoint, with the flags of runc and podman. See restore.test.ts for what happens to the images.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, succeeded, type Tap, test } from '../../../harness/case.js';
import { checkpoint, count, counting, countsOn, noCheckpoint, noCriu, restore } from '../../../harness/topics/checkpoint.js';
import { shell } from '../../../harness/config.js';
import type { Container } from '../../../harness/container.js';
import { runtime } from '../../../harness/runtime.js';

const needsCriu = { skip: noCriu };

async function assertGone(t: Tap, container: Container, pid: number | undefined): Promise<void> {
  failed(t, await container.verb('state'), /does not exist|not found/);
  t.notOk(existsSync(`/proc/${pid}`), 'its process has ended');
}

test(
  'a checkpointed container is gone, and continues where it was when it is restored',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    const { pid } = await container.state();
    await countsOn(container);
    succeeded(t, await checkpoint(container, 'images'));
    await assertGone(t, container, pid);
    const before = count(container);
    succeeded(t, await restore(container, 'images', { flags: ['--pid-file', box.path('pid')] }));
    t.equal((await container.state()).status, 'running');
    const after = await countsOn(container);
    t.ok(after > before && after < before + 1000, 'it counts on', { before, after });
  },
  needsCriu,
);

test(
  '--leave-running',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    const before = await countsOn(container);
    succeeded(t, await checkpoint(container, 'images', ['--leave-running']));
    t.equal((await container.state()).status, 'running');
    t.ok((await countsOn(container)) > before, 'it counts on');
    await container.kill();
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
    succeeded(t, await restore(container, 'images'));
    await countsOn(container);
  },
  needsCriu,
);

test(
  '--pre-dump and --parent-path: the second checkpoint has only what has changed',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    await countsOn(container);
    mkdirSync(box.path('images'));
    succeeded(t, await checkpoint(container, 'images/first', ['--pre-dump']));
    t.equal((await container.state()).status, 'running');
    await countsOn(container);
    failed(t, await checkpoint(container, 'images/second', ['--parent-path', box.path('images/first')]), /must be relative/);
    failed(t, await checkpoint(container, 'images/second', ['--parent-path', '../none']), /parent-path/);
    succeeded(t, await checkpoint(container, 'images/second', ['--parent-path', '../first']));
    t.ok(readdirSync(box.path('images/second')).includes('parent'), 'it refers to the first');
    succeeded(t, await restore(container, 'images/second'));
    await countsOn(container);
  },
  needsCriu,
);

test(
  'a checkpoint that criu cannot make leaves the container unchanged, and says why',
  async (t, box) => {
    const container = box.container((config) => {
      const hold = 'exec 9<> /big; rm /big; head -c 2000000 /dev/zero >&9; echo held > /state';
      const release = 'while [ ! -e /release ]; do sleep 0.05; done; exec 9>&-; echo released > /state; sleep 1000';
      config.process.args = shell(`exec < /dev/null > /dev/null 2>&1; ${hold}; ${release}`);
    });
    await container.up();
    await container.waitForFile('/state');
    failed(
      t,
      await checkpoint(container, 'images', ['--work-path', box.path('work')]),
      runtime.isOurs ? /criu checkpoint failed: .*ghost file/s : /./,
    );
    t.equal((await container.state()).status, 'running');
    t.ok(existsSync(box.path('work', 'dump.log')), "criu's log is in the work path");
    succeeded(t, await container.verb('exec', {}, ['true']));
    writeFileSync(`${container.rootfs}/release`, '');
    while (!container.read('/state').includes('released')) await sleep(20);
    succeeded(t, await checkpoint(container, 'images'));
    succeeded(t, await restore(container, 'images'));
  },
  needsCriu,
);

test(
  'a paused container',
  async (t, box) => {
    const container = box.container(counting);
    await container.up();
    await countsOn(container);
    succeeded(t, await container.verb('pause'));
    const before = count(container);
    succeeded(t, await checkpoint(container, 'images'));
    t.equal(count(container), before, 'it has not counted');
    succeeded(t, await restore(container, 'images'));
    t.equal((await container.state()).status, 'running');
    await countsOn(container);
  },
  needsCriu,
);

test(
  "the annotation org.criu.config names a configuration that overrides the runtime's",
  async (t, box) => {
    const container = box.container((config) => {
      counting(config);
      config.annotations = { 'org.criu.config': box.path('criu.conf') };
    });
    writeFileSync(box.path('criu.conf'), 'log-file mine.log\n');
    await container.up();
    succeeded(t, await checkpoint(container, 'images', ['--work-path', box.path('work')]));
    t.ok(existsSync(box.path('work', 'mine.log')), 'its log has the name from there');
  },
  needsCriu,
);

test(
  'only a running container can be checkpointed',
  async (t, box) => {
    const container = box.container();
    failed(t, await checkpoint(container, 'images'), /does not exist|not found/);
    succeeded(t, await container.create());
    failed(t, await checkpoint(container, 'images'), /cannot be checkpointed in created state/);
    succeeded(t, await container.start());
    await container.waitFor('stopped');
    failed(t, await checkpoint(container, 'images'), /cannot be checkpointed in stopped state/);
  },
  { skip: noCheckpoint },
);

test(
  'without criu',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '1000'];
    });
    await container.up();
    const command = `${runtime.path} --root ${box.stateRoot} checkpoint --image-path ${box.path('images')} ${container.id}`;
    const hidden = `for p in /usr/sbin /usr/bin /usr/local/sbin; do test ! -e $p/criu || mount --bind /dev/null $p/criu; done; exec ${command}`;
    failed(
      t,
      await box.command('/usr/bin/unshare', ['-m', '/bin/sh', '-c', hidden]),
      /"criu": executable file not found[^]*hint: /,
    );
    t.equal((await container.state()).status, 'running');
  },
  { oursOnly: true },
);

test(
  'a criu that ends without an answer',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '1000'];
    });
    await container.up();
    mkdirSync(box.path('bin'));
    writeFileSync(box.path('bin', 'criu'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    const env = { ...process.env, PATH: `${box.path('bin')}:${process.env['PATH'] ?? ''}` };
    const flags = ['--image-path', box.path('images')];
    failed(t, await container.verb('checkpoint', { env, flags }), /ended without an answer/);
    t.equal((await container.state()).status, 'running');
  },
  { oursOnly: true },
);

test(
  'what engines probe for, and wrong flags',
  async (t, box) => {
    succeeded(t, await box.runtime(['checkpoint', '--help']));
    for (const [args, message] of [
      [['restore', '--lsm-mount-context'], /flag needs an argument/],
      [['checkpoint', '--page-server', 'nowhere', 'x'], /Use --page-server ADDRESS:PORT/],
      [['checkpoint', '--page-server', 'host:99999', 'x'], /Invalid port number/],
      [['checkpoint', '--empty-ns', 'pid', 'x'], /namespace "pid" is not supported/],
      [['checkpoint', '--manage-cgroups-mode', 'some', 'x'], /some/],
    ] as const)
      failed(t, await box.runtime(args), message);
  },
  { oursOnly: true },
);
