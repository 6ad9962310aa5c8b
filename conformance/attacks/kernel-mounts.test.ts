// An attacker who shares the root filesystem moves the directories that procfs and sysfs have just been mounted on, and puts
// others in their place. Masked and read-only paths must be so in the mounts themselves. A hook does it, so that no race has to
// be won.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded } from '../harness/case.js';
import { shell } from '../harness/config.js';
import { attack as test } from './attack.js';

const rows = [
  { name: 'proc', masked: 'keys', fixed: 'sys', probe: 'sys/kernel/ostype' },
  { name: 'sys', masked: 'kernel', fixed: 'module', probe: 'module' },
];

for (const { name, masked, fixed, probe } of rows) {
  test(
    `/${name} is moved after it is mounted on`,
    async (t, box) => {
      const container = box.container((config) => {
        if (name === 'sys') config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs' });
        config.linux.maskedPaths = [`/${name}/${masked}`];
        config.linux.readonlyPaths = [`/${name}/${fixed}`];
        const flags = "grep ' /moved/' /proc/self/mountinfo /moved/self/mountinfo 2> /dev/null | cut -d ' ' -f 5,6";
        config.process.args = shell(`${flags}; test -e /moved/${probe} && echo mounted`);
        const swap = 'cd "$1" && mv "$2" moved && mv decoy "$2"';
        const args = ['sh', '-c', swap, 'sh', join(box.path('bundle'), 'rootfs'), name];
        config.hooks = { createRuntime: [{ path: '/bin/sh', args, env: ['PATH=/bin:/usr/bin'] }] };
      });
      mkdirSync(join(container.rootfs, name), { recursive: true });
      mkdirSync(join(container.rootfs, 'decoy', fixed), { recursive: true });
      writeFileSync(join(container.rootfs, 'decoy', masked), '');
      const result = await container.run();
      succeeded(t, result);
      t.match(result.stdout, new RegExp(`^/moved/${masked} ro`, 'm'), 'masked');
      t.match(result.stdout, new RegExp(`^/moved/${fixed} ro`, 'm'), 'read-only');
      t.match(result.stdout, /^mounted$/m);
    },
    { knownDifferences: { runc: 'looks the paths up by name', crun: 'looks the paths up by name' } },
  );
}
