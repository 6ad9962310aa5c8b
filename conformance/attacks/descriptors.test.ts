// Descriptors of the caller and of the runtime whenever something in the container, or a hook, runs (CVE-2024-21626).
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded } from '../harness/case.js';
import type { HookKind } from '../harness/config.js';
import { shell } from '../harness/config.js';
import { attack } from './attack.js';

const kinds: readonly HookKind[] = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];

attack(
  'hooks and programs have 0, 1 and 2 alone, whatever the caller has open',
  async (t, box) => {
    const extraFds = Array.from({ length: 20 }, () => openSync('/', 'r'));
    const list = (name: string): string => `for f in /proc/self/fd/*; do echo "${name} \${f##*/}"; done`;
    const outside = box.path('seen');
    const container = box.container((config) => {
      config.hooks = {};
      for (const kind of kinds) {
        const file = kind === 'startContainer' ? '/seen' : outside;
        config.hooks[kind] = [{ path: '/bin/sh', args: ['sh', '-c', `{ ${list(kind)}; } >> ${file}`], env: ['PATH=/bin'] }];
      }
      config.process.args = shell(`{ ${list('program')}; } >> /seen; exec sleep 60`);
    });
    succeeded(t, await container.create({ extraFds }));
    succeeded(t, await container.start({ extraFds }));
    await container.waitForFile('seen');
    succeeded(t, await container.verb('exec', { extraFds }, shell(`{ ${list('exec')}; } >> /seen`)));
    succeeded(t, await container.delete({ flags: ['--force'], extraFds }));
    for (const fd of extraFds) closeSync(fd);
    const seen = (readFileSync(outside, 'utf8') + container.read('seen')).trimEnd().split('\n');
    for (const moment of [...kinds, 'program', 'exec']) {
      const numbers = seen.filter((line) => line.startsWith(`${moment} `)).map((line) => Number(line.split(' ')[1]));
      t.ok(numbers.length > 0, moment);
      // busybox and dash keep redirected descriptors at 10, and a directory that is being listed at 3.
      t.same(
        numbers.filter((fd) => fd > 3 && fd !== 10),
        [],
        moment,
      );
    }
  },
  { knownDifferences: { runc: "leaves its own descriptors, and the caller's, to createContainer and poststop hooks" } },
);

attack(
  'a working directory of exec that is a descriptor, or leads through one',
  async (t, box) => {
    const extraFds = Array.from({ length: 6 }, () => openSync('/', 'r'));
    const container = await box.running();
    symlinkSync('/proc/self/fd/7', join(container.rootfs, 'seven'));
    const places = [...Array.from({ length: 24 }, (_, fd) => `/proc/self/fd/${fd}`), '/seven', '/proc/1/../self/fd/5'];
    for (const cwd of places) {
      const result = await container.verb('exec', { flags: ['--cwd', cwd], extraFds }, ['cat', 'etc/hostname', 'etc/os-release']);
      t.not(result.code, 0, cwd);
      t.equal(result.stdout, '', cwd);
    }
    for (const fd of extraFds) closeSync(fd);
  },
  { knownDifferences: { 'runc 1.1': 'is older than the fix', crun: 'accepts any working directory' } },
);

for (const link of [
  '/proc/self/root',
  '/proc/1/root',
  '/proc/self/cwd',
  '/proc/self/fd/3',
  '/proc/self/exe',
  '/proc/thread-self/root',
]) {
  attack(`mounts, devices and a working directory through a link to ${link}`, async (t, box) => {
    const host = box.path('host');
    mkdirSync(host);
    const container = box.container((config) => {
      config.mounts.push({ destination: `/link${host}/tmpfs`, type: 'tmpfs', source: 'tmpfs' });
      config.mounts.push({ destination: `/link${host}/bind`, type: 'bind', source: '/etc', options: ['bind', 'ro'] });
    });
    symlinkSync(link, join(container.rootfs, 'link'));
    await container.run();
    container.config.mounts.splice(2);
    container.config.linux.devices = [{ path: `/link${host}/node`, type: 'c', major: 1, minor: 3 }];
    container.writeConfig();
    await container.run();
    container.config.linux.devices = [];
    container.config.process.cwd = `/link${host}/cwd`;
    container.writeConfig();
    await container.run();
    t.same((await box.command('ls', ['-A', host])).stdout, '');
  });
}
