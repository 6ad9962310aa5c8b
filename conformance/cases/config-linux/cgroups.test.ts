// config-linux.md, "Control groups": where the container's cgroup is, who is in it, what is written into its files.
import { existsSync, readFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { cgroupDirectory, cgroupsNamed, layout, readCgroup } from '../../harness/cgroup.js';
import { type Config, type Linux, shell } from '../../harness/config.js';

const sleeping = (config: Config): void => {
  config.process.args = ['sleep', '60'];
};
const v2 = layout === 'v2';

test('the container is in its cgroup, in every hierarchy', async (t, box) => {
  const container = box.container(sleeping);
  await container.up();
  const lines = readFileSync(`/proc/${(await container.state()).pid}/cgroup`, 'utf8')
    .trim()
    .split('\n');
  for (const line of lines) t.equal(line.split(':')[2], container.cgroupsPath, line);
});

test('it is in there before the program runs', async (t, box) => {
  const container = box.container(sleeping);
  succeeded(t, await container.create());
  const lines = readFileSync(`/proc/${(await container.state()).pid}/cgroup`, 'utf8')
    .trim()
    .split('\n');
  for (const line of lines) t.equal(line.split(':')[2], container.cgroupsPath, line);
});

test(
  'a path of several parts is made and removed',
  async (t, box) => {
    const container = box.container((config) => {
      sleeping(config);
      config.linux.cgroupsPath = `/${box.name}/one/two`;
    });
    await container.up();
    t.ok(existsSync(cgroupDirectory('pids', `/${box.name}/one/two`) ?? ''));
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.notOk(existsSync(cgroupDirectory('pids', `/${box.name}/one/two`) ?? ''));
  },
  { knownDifferences: { runc: 'leaves the parents that it made' } },
);

test('a relative path has a place that stays the same', async (t, box) => {
  const container = box.container((config) => {
    sleeping(config);
    config.linux.cgroupsPath = box.name;
  });
  await container.up();
  const [one] = readFileSync(`/proc/${(await container.state()).pid}/cgroup`, 'utf8').split('\n');
  t.match(one, new RegExp(`/${box.name}$`));
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.same(cgroupsNamed(box.name), []);
});

test('without a path the cgroup has the name of the container', async (t, box) => {
  const container = box.container((config) => {
    sleeping(config);
    delete config.linux.cgroupsPath;
  });
  await container.up();
  const [one] = readFileSync(`/proc/${(await container.state()).pid}/cgroup`, 'utf8').split('\n');
  t.match(one, new RegExp(container.id));
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.same(cgroupsNamed(box.name), []);
});

interface Written {
  readonly resources: NonNullable<Linux['resources']>;
  readonly controller: string;
  readonly v1?: readonly [file: string, value: string];
  readonly v2?: readonly [file: string, value: string];
}

const table: Record<string, Written> = {
  'memory limit': {
    resources: { memory: { limit: 67_108_864 } },
    controller: 'memory',
    v1: ['memory.limit_in_bytes', '67108864'],
    v2: ['memory.max', '67108864'],
  },
  'memory reservation': {
    resources: { memory: { reservation: 33_554_432 } },
    controller: 'memory',
    v1: ['memory.soft_limit_in_bytes', '33554432'],
    v2: ['memory.low', '33554432'],
  },
  'memory limit of more than 53 bits': {
    resources: { memory: { limit: 9_223_372_036_854_771_712n } },
    controller: 'memory',
    v1: ['memory.limit_in_bytes', '9223372036854771712'],
    v2: ['memory.max', 'max'],
  },
  'no memory limit': {
    resources: { memory: { limit: -1 } },
    controller: 'memory',
    v1: ['memory.limit_in_bytes', '9223372036854771712'],
    v2: ['memory.max', 'max'],
  },
  'cpu shares': { resources: { cpu: { shares: 1024 } }, controller: 'cpu', v1: ['cpu.shares', '1024'] },
  'cpu quota': {
    resources: { cpu: { quota: 50_000, period: 200_000 } },
    controller: 'cpu',
    v1: ['cpu.cfs_quota_us', '50000'],
    v2: ['cpu.max', '50000 200000'],
  },
  'cpu period': {
    resources: { cpu: { period: 200_000 } },
    controller: 'cpu',
    v1: ['cpu.cfs_period_us', '200000'],
    v2: ['cpu.max', 'max 200000'],
  },
  cpuset: {
    resources: { cpu: { cpus: '0', mems: '0' } },
    controller: 'cpuset',
    v1: ['cpuset.cpus', '0'],
    v2: ['cpuset.cpus', '0'],
  },
  'pids limit': { resources: { pids: { limit: 77 } }, controller: 'pids', v1: ['pids.max', '77'], v2: ['pids.max', '77'] },
  'no pids limit': { resources: { pids: { limit: -1 } }, controller: 'pids', v1: ['pids.max', 'max'], v2: ['pids.max', 'max'] },
};

for (const [name, row] of Object.entries(table)) {
  const expected = v2 ? row.v2 : row.v1;
  test(
    name,
    async (t, box) => {
      const container = box.container((config) => {
        config.linux.resources = row.resources;
      });
      succeeded(t, await container.create());
      const [file, value] = expected ?? ['', ''];
      t.equal(readCgroup(row.controller, container.cgroupsPath, file), value, file);
    },
    { skip: expected === undefined ? `no such file with ${layout}` : false },
  );
}

test(
  'cpu shares become a weight',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.resources = { cpu: { shares: 1024 } };
    });
    succeeded(t, await container.create());
    t.match(readCgroup('cpu', container.cgroupsPath, 'cpu.weight'), /^(39|100)$/, 'by the old or the new formula');
  },
  { skip: v2 ? false : 'cgroup v2 only' },
);

test(
  'files by name (unified)',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.resources = { unified: { 'pids.max': '55', 'memory.high': '50000000' } };
    });
    succeeded(t, await container.create());
    t.equal(readCgroup('', container.cgroupsPath, 'pids.max'), '55');
  },
  { skip: v2 ? false : 'cgroup v2 only' },
);

test('a limit of pids holds', async (t, box) => {
  const container = box.container((config) => {
    config.linux.resources = { pids: { limit: 20 } };
    config.process.args = shell('for i in $(seq 40); do sleep 5 & done 2>&1; true');
  });
  const result = await container.run({ timeout: 20_000 });
  t.match(result.stdout + result.stderr, /can't fork|Resource temporarily unavailable/);
});

test('a value that the kernel refuses fails create, and nothing is left', async (t, box) => {
  const container = box.container((config) => {
    config.linux.resources = { cpu: { cpus: '4095', mems: '0' } };
  });
  failed(t, await container.create(), /cpuset/);
  t.same(await box.leftovers(), []);
});

test('a path that leads out of the cgroup filesystem is not followed', async (t, box) => {
  const container = box.container((config) => {
    config.linux.cgroupsPath = `/../../../../tmp/${box.name}-outside`;
  });
  await container.create();
  t.notOk(existsSync(`/tmp/${box.name}-outside`));
});

test('two containers may share a cgroup path only if the first is gone', async (t, box) => {
  const first = box.container(sleeping);
  await first.up();
  succeeded(t, await first.delete({ flags: ['--force'] }));
  const second = box.container((config) => {
    config.linux.cgroupsPath = first.cgroupsPath;
  });
  succeeded(t, await second.run());
});
