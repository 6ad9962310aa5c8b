// config-linux.md, "IntelRdt". The planner's tests check what it does; this checks what happens on a machine without it.
import { existsSync } from 'node:fs';
import { failed, test } from '../../harness/case.js';
import { readCgroup } from '../../harness/machine/cgroup.js';
import { runtime } from '../../harness/runtime.js';

const skip = existsSync('/sys/fs/resctrl/schemata') ? 'this machine has Intel RDT' : false;

test(
  'without a mounted resctrl the config is refused, and nothing is made',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.intelRdt = { closID: 'gold', l3CacheSchema: 'L3:0=f', enableMonitoring: true };
    });
    const result = await container.create();
    failed(t, result);
    if (runtime.isOurs) t.match(result.stderr, /\/linux\/intelRdt: .*no resctrl filesystem/);
    t.same(await box.leftovers(), []);
  },
  { skip, knownDifferences: { 'runc 1.1': 'ignores it', crun: 'it fails later' } },
);

test(
  'nor does update pretend that there is one',
  async (t, box) => {
    const container = await box.running();
    for (const [flag, schema, message] of [
      ['--l3-cache-schema', 'L3:0=f', /Intel RDT\/CAT: l3 cache schema is not enabled/],
      ['--mem-bw-schema', 'MB:0=20', /Intel RDT\/MBA: memory bandwidth schema is not enabled/],
    ] as const) {
      const before = readCgroup('pids', container.cgroupsPath, 'pids.max');
      failed(t, await container.verb('update', { flags: [flag, schema, '--pids-limit', '17'] }), message);
      t.equal(readCgroup('pids', container.cgroupsPath, 'pids.max'), before, 'nothing else is changed');
    }
    failed(t, await container.verb('update', { flags: ['--mem-bw-schema', 'MB:0=20\nL3:0=f'] }));
  },
  { skip, knownDifferences: { crun: 'has other words' } },
);

test(
  'a memBwSchema of two lines and a closID that leaves its directory are refused',
  async (t, box) => {
    for (const intelRdt of [{ memBwSchema: 'MB:0=20\nL3:0=f' }, { closID: '../x' }, { schemata: ['L3:0=f\nL3:1=f'] }]) {
      const container = box.container((config) => {
        config.linux.intelRdt = intelRdt;
      });
      failed(t, await container.create());
    }
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'runc 1.1': 'ignores it', crun: 'it does not check them' } },
);
