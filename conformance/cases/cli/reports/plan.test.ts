// `plan BUNDLE`: shows what create would do, and does nothing.
import { readdirSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import { cgroupsNamed } from '../../../harness/machine/cgroup.js';

test(
  'plan shows mounts, cgroup files and steps, and touches nothing',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.resources = { pids: { limit: 77 } };
      config.mounts.push({ destination: '/planned', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] });
      config.hostname = 'planned-name';
    });
    const before = readdirSync(container.rootfs);
    const result = await box.runtime(['plan', container.bundle]);
    succeeded(t, result);
    for (const word of ['/planned', 'pids.max', '77', 'planned-name']) t.ok(result.stdout.includes(word), word);
    t.same(readdirSync(container.rootfs), before);
    t.same(cgroupsNamed(box.name), []);
    t.same(await box.leftovers(0), []);
  },
  { oursOnly: true },
);

test(
  'as JSON',
  async (t, box) => {
    const container = box.container();
    const result = await box.runtime(['plan', '--format', 'json', container.bundle]);
    succeeded(t, result);
    t.type(JSON.parse(result.stdout), 'object');
  },
  { oursOnly: true },
);

test(
  'for a bundle that create would refuse',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.cwd = 'relative';
    });
    failed(t, await box.runtime(['plan', container.bundle]), /cwd/);
  },
  { oursOnly: true },
);
