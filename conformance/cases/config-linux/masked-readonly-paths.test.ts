// config-linux.md, "Masked Paths" and "Readonly Paths".
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';

test('a masked file is empty, a masked directory too, and cannot be written', async (t, box) => {
  const container = box.container((config) => {
    config.linux.maskedPaths = ['/secret', '/secrets', '/not/there', '/proc/keys', '/proc/timer_list'];
    config.process.args = shell('cat /secret; ls -A /secrets; touch /secrets/new 2>&1; cat /proc/keys; wc -c < /proc/timer_list');
  });
  writeFileSync(join(container.rootfs, 'secret'), 'secret\n');
  mkdirSync(join(container.rootfs, 'secrets'));
  writeFileSync(join(container.rootfs, 'secrets/one'), 'secret\n');
  const result = await container.run();
  succeeded(t, result);
  t.match(result.stdout, /^touch: .*Read-only file system\n0\n$/);
});

test('what is written to a masked file goes nowhere', async (t, box) => {
  const container = box.container((config) => {
    config.linux.maskedPaths = ['/secret'];
    config.process.args = shell('echo new > /secret; true');
  });
  writeFileSync(join(container.rootfs, 'secret'), 'secret\n');
  succeeded(t, await container.run());
  t.equal(container.read('secret'), 'secret\n');
});

test('a masked path cannot be unmounted without CAP_SYS_ADMIN', async (t, box) => {
  const container = box.container((config) => {
    config.process.capabilities = {};
    config.linux.maskedPaths = ['/secret'];
    config.process.args = shell('umount /secret 2>&1; cat /secret');
  });
  writeFileSync(join(container.rootfs, 'secret'), 'secret\n');
  const { stdout } = await container.run();
  t.match(stdout, /not permitted|denied/);
  t.notMatch(stdout, /^secret$/m);
});

test('read-only paths', async (t, box) => {
  const container = box.container((config) => {
    config.linux.readonlyPaths = ['/fixed', '/proc/sys', '/not/there'];
    config.process.args = shell(
      'touch /fixed/new 2>&1; echo 1 2>&1 > /proc/sys/vm/swappiness; cat /fixed/file; touch /tmp/still-writable && echo fine',
    );
  });
  mkdirSync(join(container.rootfs, 'fixed'));
  writeFileSync(join(container.rootfs, 'fixed/file'), 'readable\n');
  const { stdout, stderr } = await container.run();
  t.match(stdout, /Read-only file system[^]*readable\nfine\n$/);
  t.match(stdout + stderr, /swappiness.*Read-only/);
});

test(
  'a read-only path keeps the other flags of its mount',
  async (t, box) => {
    const container = box.container((config) => {
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec'] });
      config.linux.readonlyPaths = ['/data'];
      config.process.args = shell("grep ' /data ' /proc/self/mountinfo | tail -1 | cut -d ' ' -f 6");
    });
    t.match((await container.run()).stdout, /^ro,nosuid,nodev,noexec/);
  },
  { knownDifferences: { 'crun 1.8': 'drops them' } },
);

test(
  'what is mounted below a read-only path is read-only, too',
  async (t, box) => {
    const container = box.container((config) => {
      config.mounts.push({ destination: '/fixed/below', type: 'tmpfs', source: 'tmpfs' });
      config.linux.readonlyPaths = ['/fixed'];
      config.process.args = shell('touch /fixed/below/new 2>&1');
    });
    t.match((await container.run()).stdout, /Read-only file system/);
  },
  { knownDifferences: { runc: 'leaves mounts below it writable', crun: 'leaves mounts below it writable' } },
);

test(
  'relative paths are refused',
  async (t, box) => {
    for (const key of ['maskedPaths', 'readonlyPaths'] as const) {
      const container = box.container((config) => {
        config.linux[key] = ['proc/keys'];
      });
      failed(t, await container.create());
    }
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'takes them', runc: 'takes them relative to its working directory' } },
);

test(
  'the root itself as a read-only path',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.readonlyPaths = ['/'];
      config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
      config.process.args = shell('touch /file && echo written; touch /tmp/file && echo below');
    });
    const result = await container.run();
    t.equal(result.stdout, 'below\n');
    t.match(result.stderr, /Read-only file system/);
  },
  { knownDifferences: { crun: 'has no effect' } },
);
