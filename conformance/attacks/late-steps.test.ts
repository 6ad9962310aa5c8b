// What happens to a mount after others are made on it: a hook, or someone who shares the root filesystem, moves the directory
// meanwhile and puts another one in its place. Read-only, remount and propagation steps must still apply to the mount.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Mount, shell } from '../harness/config.js';
import { exchange } from '../harness/topics/exchange.js';
import { attack as test, race } from './attack.js';

test(
  'a read-only tmpfs is moved before it becomes read-only',
  async (t, box) => {
    const container = box.container((config) => {
      config.mounts.push({ destination: '/fixed', type: 'tmpfs', source: 'tmpfs', options: ['ro'] });
      config.process.args = shell("grep ' /moved ' /proc/self/mountinfo | cut -d ' ' -f 6; touch /moved/x 2>&1");
      const swap = 'cd "$1" && mv fixed moved && mkdir fixed';
      const args = ['sh', '-c', swap, 'sh', join(box.path('bundle'), 'rootfs')];
      config.hooks = { createRuntime: [{ path: '/bin/sh', args, env: ['PATH=/bin:/usr/bin'] }] };
    });
    mkdirSync(join(container.rootfs, 'fixed'));
    t.match((await container.run()).stdout, /^ro,.*\n.*Read-only/);
  },
  { knownDifferences: { runc: 'looks it up by name', crun: 'looks it up by name' } },
);

const rows: readonly (readonly [what: string, options: string[], more: Mount[], shown: RegExp])[] = [
  ['with recursive attributes', ['rro', 'rnosuid'], [], / ro,nosuid/],
  ['with two propagations', ['slave', 'shared'], [], / shared:/],
  ['that is remounted', [], [{ destination: '/volume/dir', options: ['remount', 'ro', 'nosuid'] }], / ro,nosuid/],
  ['with a parameter that only mount(2) takes', ['nosuid', 'ro', 'silent'], [], / ro,nosuid/],
];

for (const [what, options, more, shown] of rows) {
  test(
    `a mount ${what} is swapped for another one, again and again`,
    async (t, box) => {
      const container = box.container((config) => {
        config.mounts.push({ destination: '/volume/other', type: 'tmpfs', source: 'tmpfs' });
        config.mounts.push(
          { destination: '/volume/dir', type: 'tmpfs', source: 'tmpfs', options: ['size=8k', ...options] },
          ...more,
        );
        config.process.args = shell('grep size=8k /proc/self/mountinfo');
      });
      for (const name of ['dir', 'other']) mkdirSync(join(container.rootfs, 'volume', name), { recursive: true });
      exchange(box, join(container.rootfs, 'volume/dir'), join(container.rootfs, 'volume/other'));
      let made = 0;
      await race(async () => {
        const result = await container.run();
        if (result.code !== 0) return;
        made += 1;
        t.match(result.stdout, shown);
      });
      t.ok(made > 0);
    },
    { knownDifferences: { runc: 'looks it up by name', crun: 'looks it up by name' } },
  );
}
