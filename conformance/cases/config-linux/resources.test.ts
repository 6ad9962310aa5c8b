// config-linux.md, the limits of "Control groups": how each field shows in the kernel's files, on cgroup v1 (and hybrid) and v2.
import { existsSync, writeFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { cgroupDirectory, hasController, layout, readCgroup } from '../../harness/machine/cgroup.js';
import { shell } from '../../harness/config.js';
import type { Row } from './resource-row.js';
import { rows } from './resource-rows.js';

const v2 = layout === 'v2';
const MiB = 1024 * 1024;

function reasonToSkip({ controller, needs, skip, ...row }: Row): string | false {
  if ((v2 ? row.v2 : row.v1) === undefined) return `there is no such limit with ${layout}`;
  const [first, second] = typeof controller === 'string' ? [controller, controller] : controller;
  if (!hasController(v2 ? second : first)) return `no controller ${v2 ? second : first}`;
  if (!v2 && needs !== undefined && !existsSync(`${cgroupDirectory(first, '/') ?? ''}/${needs}`)) return `no ${needs}`;
  return skip ?? false;
}

for (const [name, row] of Object.entries(rows)) {
  test(
    name,
    async (t, box) => {
      const container = box.container((config) => {
        config.linux.resources = row.resources;
      });
      succeeded(t, await container.create());
      const controller = typeof row.controller === 'string' ? row.controller : row.controller[0];
      for (const [file, value] of (v2 ? row.v2 : row.v1) ?? []) {
        const found = readCgroup(controller, container.cgroupsPath, file);
        if (typeof value === 'string') t.equal(found, value, file);
        else t.match(found, value, file);
      }
      succeeded(t, await container.start());
    },
    { skip: reasonToSkip(row), knownDifferences: row.knownDifferences ?? {} },
  );
}

test('a pids limit holds', async (t, box) => {
  const container = box.container((config) => {
    config.linux.resources = { pids: { limit: 20 } };
    config.process.args = shell('for i in $(seq 40); do sleep 5 & done 2>&1; true');
  });
  const result = await container.run({ timeout: 20_000 });
  t.match(result.stdout + result.stderr, /can't fork|Resource temporarily unavailable/);
});

test('a memory limit holds', async (t, box) => {
  const container = box.container((config) => {
    config.linux.resources = { memory: { limit: 16 * MiB, swap: 16 * MiB } };
    config.process.args = shell('head -c 64m /dev/zero | tail -c 64m > /dev/null; echo $?');
  });
  t.not((await container.run()).stdout, '0\n', 'the kernel kills who takes more');
});

test(
  'with checkBeforeUpdate a limit below the usage is refused, and nothing is killed',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.resources = { memory: { limit: 128 * MiB } };
      config.mounts.push({ destination: '/memory', type: 'tmpfs', source: 'tmpfs' });
      config.process.args = shell('head -c 32m /dev/zero > /memory/used; echo up > /up; exec sleep 60');
    });
    await container.up();
    await container.waitForFile('up');
    writeFileSync(box.path('resources.json'), JSON.stringify({ memory: { limit: 16 * MiB, checkBeforeUpdate: true } }));
    failed(t, await container.verb('update', { flags: ['--resources', box.path('resources.json')] }));
    t.equal((await container.state()).status, 'running');
    const file = v2 ? 'memory.max' : 'memory.limit_in_bytes';
    t.equal(readCgroup('memory', container.cgroupsPath, file), String(128 * MiB));
  },
  { knownDifferences: v2 ? { 'runc 1.1': 'does not know it', 'crun 1.8': 'does not know it' } : {} },
);
