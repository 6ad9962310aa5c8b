// update with device rules that the kernel refuses; see update.test.ts for those that it accepts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../../harness/case.js';
import { cgroupDirectory, layout, readCgroup } from '../../../harness/machine/cgroup.js';
import type { Container } from '../../../harness/container.js';

const v2 = layout === 'v2';
const usual = [
  'b *:* m',
  'c *:* m',
  ...[3, 5, 7, 8, 9].map((minor) => `c 1:${minor} rwm`),
  'c 5:0 rwm',
  'c 5:2 rwm',
  'c 136:* rwm',
  'c 10:200 rwm',
];
const nothing = { allow: false, access: 'rwm' };
const character = (major: number, minor: number) => ({ allow: true, type: 'c', major, minor, access: 'r' });

/** v1: what the parent does not allow; v2: a program longer than the kernel accepts. */
const refused = v2 ? Array.from({ length: 140_000 }, (_, minor) => character(10, minor)) : [character(10, 229)];

/** A v1 cgroup that allows what every container gets, and no more. */
function makeParent(path: string): void {
  if (v2) return;
  const directory = cgroupDirectory('devices', path) ?? '';
  mkdirSync(directory);
  writeFileSync(join(directory, 'devices.deny'), 'a');
  for (const rule of usual) writeFileSync(join(directory, 'devices.allow'), rule);
}

async function devicesOf(container: Container): Promise<string> {
  if (!v2) return readCgroup('devices', container.cgroupsPath, 'devices.list') ?? '';
  const tried = 'for minor in 3 7 11; do mknod /tmp/$minor c 1 $minor; (: < /tmp/$minor) && echo $minor; rm /tmp/$minor; done';
  const result = await container.verb('exec', {}, ['sh', '-c', `exec 2> /dev/null; mkdir -p /tmp; ${tried}`]);
  return result.stdout;
}

test(
  'refused device rules leave everything unchanged',
  async (t, box) => {
    makeParent(`/${box.name}`);
    const container = await box.running((config) => {
      config.linux.cgroupsPath = `/${box.name}/container`;
      config.linux.resources = { pids: { limit: 30 }, devices: [nothing] };
      config.process.capabilities = { bounding: ['CAP_MKNOD'], effective: ['CAP_MKNOD'], permitted: ['CAP_MKNOD'] };
    });
    const update = (change: unknown) => {
      writeFileSync(box.path('resources.json'), JSON.stringify(change));
      return container.verb('update', { flags: ['--resources', box.path('resources.json')], timeout: 60_000 });
    };
    const before = await devicesOf(container);
    t.match(before, v2 ? /^3\n7\n/ : /^c 1:3 rwm$/m);
    failed(t, await update({ pids: { limit: 40 }, devices: [nothing, ...refused] }), /devices/);
    t.equal(readCgroup('pids', container.cgroupsPath, 'pids.max'), '30');
    t.equal(await devicesOf(container), before);
    succeeded(t, await update({ pids: { limit: 50 }, devices: [nothing, character(1, 7)] }));
    t.equal(readCgroup('pids', container.cgroupsPath, 'pids.max'), '50');
    box.atEnd(async () => {
      succeeded(t, await container.delete({ flags: ['--force'] }));
      if (!v2) await box.command('rmdir', [cgroupDirectory('devices', `/${box.name}`) ?? '']);
    });
  },
  { oursOnly: true },
);
