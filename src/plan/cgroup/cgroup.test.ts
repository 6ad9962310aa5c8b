import fc from 'fast-check';
import t from 'tap';
import { ruleText } from './device-rule.js';
import { PockerError } from '../../errors.js';
import { errorPointer, factsOf, planOf } from '../fixtures.js';
import type { CgroupFacts } from '../../host/host-facts.js';
import type { Plan } from '../plan.js';
import type { Resources } from '../spec-types.js';
import { ioWeight, weightOfShares } from './v2.js';

type Layout = CgroupFacts['layout'];
const resourcePlan = (resources: Resources, layout: Layout) => planOf({ linux: { resources } }, factsOf(layout));

/** "file = value" for all directories, without the device rules. */
function files({ cgroup }: Plan): string[] {
  return cgroup.directories.flatMap(({ files: list }) =>
    list.filter(({ file }) => !file.startsWith('devices')).map(({ file, value }) => `${file} = ${value}`),
  );
}

t.test('resources as files', (t) => {
  const big = 9_223_372_036_854_771_712n;
  const cases: [resources: Resources, v1: string[], v2: string[]][] = [
    [
      { memory: { limit: 100, swap: 150, reservation: 50 } },
      ['memory.limit_in_bytes = 100', 'memory.memsw.limit_in_bytes = 150', 'memory.soft_limit_in_bytes = 50'],
      ['memory.swap.max = 50', 'memory.max = 100', 'memory.low = 50'],
    ],
    [
      { memory: { limit: -1 } },
      ['memory.limit_in_bytes = -1', 'memory.memsw.limit_in_bytes = -1'],
      ['memory.swap.max = max', 'memory.max = max'],
    ],
    [
      { memory: { limit: 100, swap: 100 } },
      ['memory.limit_in_bytes = 100', 'memory.memsw.limit_in_bytes = 100'],
      ['memory.swap.max = 0', 'memory.max = 100'],
    ],
    [
      { memory: { limit: 100, swap: -1 } },
      ['memory.limit_in_bytes = 100', 'memory.memsw.limit_in_bytes = -1'],
      ['memory.swap.max = max', 'memory.max = 100'],
    ],
    [{ memory: { limit: big } }, [`memory.limit_in_bytes = ${big}`], [`memory.max = ${big}`]],
    [{ memory: { swappiness: 0, disableOOMKiller: true } }, ['memory.oom_control = 1', 'memory.swappiness = 0'], []],
    [{ memory: { limit: 0, swap: 0 } }, [], []],
    [{ cpu: { shares: 512, idle: 1 } }, ['cpu.shares = 512', 'cpu.idle = 1'], ['cpu.weight = 59', 'cpu.idle = 1']],
    [{ cpu: { quota: 0, period: 0 } }, [], []],
    [{ cpu: { shares: 262_144 } }, ['cpu.shares = 262144'], ['cpu.weight = 10000']],
    [
      {
        blockIO: {
          throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 0 }],
          throttleReadIOPSDevice: [{ major: 8, minor: 16, rate: 5 }],
        },
      },
      ['blkio.throttle.write_bps_device = 8:0 0', 'blkio.throttle.read_iops_device = 8:16 5'],
      ['io.max = 8:0 wbps=max', 'io.max = 8:16 riops=5'],
    ],
    [
      { cpu: { shares: 1024, quota: 50_000, period: 100_000, burst: 10 } },
      ['cpu.shares = 1024', 'cpu.cfs_period_us = 100000', 'cpu.cfs_quota_us = 50000', 'cpu.cfs_burst_us = 10'],
      ['cpu.weight = 100', 'cpu.max = 50000 100000', 'cpu.max.burst = 10'],
    ],
    [{ cpu: { quota: -1, idle: 1 } }, ['cpu.cfs_quota_us = -1', 'cpu.idle = 1'], ['cpu.idle = 1', 'cpu.max = max 100000']],
    [{ cpu: { cpus: '0-1', mems: '0' } }, ['cpuset.cpus = 0-1', 'cpuset.mems = 0'], ['cpuset.cpus = 0-1', 'cpuset.mems = 0']],
    [{ pids: { limit: 7 } }, ['pids.max = 7'], ['pids.max = 7']],
    [{ pids: { limit: -1 } }, ['pids.max = max'], ['pids.max = max']],
    [{ pids: { limit: 0 } }, ['pids.max = 1'], ['pids.max = 1']],
    [
      { blockIO: { weight: 500, throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 60 }] } },
      ['blkio.weight = 500', 'blkio.throttle.read_bps_device = 8:0 60'],
      ['io.bfq.weight = 500', 'io.max = 8:0 rbps=60'],
    ],
    [
      { blockIO: { weightDevice: [{ major: 8, minor: 1, weight: 10, leafWeight: 20 }] } },
      ['blkio.weight_device = 8:1 10', 'blkio.leaf_weight_device = 8:1 20'],
      ['io.bfq.weight = 8:1 10'],
    ],
    [
      { hugepageLimits: [{ pageSize: '2MB', limit: 4 }] },
      ['hugetlb.2MB.limit_in_bytes = 4', 'hugetlb.2MB.rsvd.limit_in_bytes = 4'],
      ['hugetlb.2MB.max = 4', 'hugetlb.2MB.rsvd.max = 4'],
    ],
    [
      { rdma: { mlx: { hcaHandles: 3, hcaObjects: 4 } } },
      ['rdma.max = mlx hca_handle=3 hca_object=4'],
      ['rdma.max = mlx hca_handle=3 hca_object=4'],
    ],
  ];
  for (const [resources, v1, v2] of cases) {
    const shown = JSON.stringify(resources, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    t.same(files(resourcePlan(resources, 'v1')), v1, `v1 ${shown}`);
    t.same(files(resourcePlan(resources, 'hybrid')), v1, `hybrid ${shown}`);
    t.same(files(resourcePlan(resources, 'v2')), v2, `v2 ${shown}`);
  }
  t.same(files(resourcePlan({ network: { classID: 5, priorities: [{ name: 'lo', priority: 2 }] } }, 'v1')), [
    'net_cls.classid = 5',
    'net_prio.ifpriomap = lo 2',
  ]);
  t.same(files(resourcePlan({ unified: { 'io.max': '8:0 rbps=1\n8:16 rbps=2', 'foo.bar': '1' } }, 'v2')), [
    'io.max = 8:0 rbps=1',
    'io.max = 8:16 rbps=2',
    'foo.bar = 1',
  ]);
  t.end();
});

t.test('conversions of v2', (t) => {
  t.same([2, 1024, 262_144, 0xffff_ffff].map(weightOfShares), [1, 100, 10_000, 10_000]);
  t.same([10, 500, 1000].map(ioWeight), [1, 4950, 10_000]);
  t.match(resourcePlan({ blockIO: { weight: 500 } }, 'v2').cgroup.directories[0]?.files, [
    { otherwise: { file: 'io.weight', value: '4950' } },
  ]);
  t.end();
});

t.test('refused, naming the field', (t) => {
  const cases: [Resources, Layout, string][] = [
    [{ memory: { limit: 2, swap: 1 } }, 'v2', 'E_CONFIG_RULE /linux/resources/memory/swap'],
    [{ memory: { swap: 1 } }, 'v2', 'E_CONFIG_RULE /linux/resources/memory/swap'],
    [{ memory: { swappiness: 101 } }, 'v1', 'E_CONFIG_RULE /linux/resources/memory/swappiness'],
    [{ cpu: { shares: 1 } }, 'v1', 'E_CONFIG_RULE /linux/resources/cpu/shares'],
    [{ cpu: { realtimeRuntime: 1 } }, 'v2', 'E_CONFIG_RULE /linux/resources/cpu/realtimeRuntime'],
    [{ network: { classID: 1 } }, 'v2', 'E_CONFIG_RULE /linux/resources/network/classID'],
    [{ unified: { 'memory.max': '1' } }, 'v1', 'E_CONFIG_RULE /linux/resources/unified'],
    [{ unified: { '../x.y': '1' } }, 'v2', 'E_CONFIG_RULE /linux/resources/unified/..~1x.y'],
    [{ rdma: { m: {} } }, 'v1', 'E_CONFIG_RULE /linux/resources/rdma/m'],
    [{ devices: [{ allow: true, type: 'x' }] }, 'v1', 'E_CONFIG_RULE /linux/resources/devices/0/type'],
    [{ devices: [{ allow: true, type: 'c', access: 'x' }] }, 'v2', 'E_CONFIG_RULE /linux/resources/devices/0/access'],
  ];
  for (const [resources, layout, expected] of cases)
    t.equal(
      errorPointer(() => resourcePlan(resources, layout)),
      expected,
    );
  const without = { ...factsOf('v1'), cgroup: { layout: 'v1' as const, hierarchies: [], unified: null } };
  t.equal(
    errorPointer(() => planOf({}, without)),
    'E_CGROUP /linux/resources/devices',
    'without that controller a container would be unsafe',
  );
  t.equal(
    errorPointer(() => planOf({ linux: { resources: { pids: { limit: 1 } } } }, { ...without, inUserNamespace: true })),
    'E_CGROUP /linux/resources/pids/limit',
  );
  t.end();
});

t.test('device rules of v1', (t) => {
  const rules = (devices: Resources['devices']): string[] => {
    const plan = planOf({ linux: { resources: devices === undefined ? {} : { devices } } }, factsOf('v1'));
    return plan.cgroup.directories
      .flatMap(({ files: list }) => list)
      .map(({ file, value }) => `${file.slice('devices.'.length)} ${value}`);
  };
  t.same(rules(undefined).slice(0, 4), ['deny a', 'allow c *:* m', 'allow b *:* m', 'allow c 1:3 rwm']);
  t.equal(rules(undefined).length, 12);
  t.same(
    rules([
      { allow: false, access: 'rwm' },
      { allow: true, type: 'b', major: 8, access: 'r' },
    ]).slice(0, 2),
    ['deny a', 'allow b 8:* r'],
  );
  t.same(rules([{ allow: false }, { allow: true, access: 'rwm' }]), ['allow a'], 'everything allowed needs no list');
  t.same(
    rules([
      { allow: true, type: 'a' },
      { allow: false, type: 'c', major: 1, minor: 1, access: 'w' },
    ]),
    ['allow a', 'deny c 1:1 w'],
  );
  const nothing = { allow: false, access: 'rwm' };
  const char = (allow: boolean, major: number, minor: number | undefined, access: string) => {
    return { allow, type: 'c', major, ...(minor === undefined ? {} : { minor }), access };
  };
  const taken = [nothing, char(true, 60, 7, 'rw'), char(true, 60, 8, 'rwm'), char(false, 60, undefined, 'w')];
  t.same(rules(taken).slice(0, 3), ['deny a', 'allow c 60:7 r', 'allow c 60:8 rm'], 'the kernel would revoke none of them');
  const all = [nothing, char(true, 60, 7, 'rw'), char(false, 60, 7, 'rwm')];
  t.equal(rules(all)[1], 'allow c *:* m', 'nothing is left of it');
  const given = [{ allow: true, type: 'a' }, char(false, 60, 7, 'rw'), char(true, 60, 7, 'r'), char(true, 5, 1, 'r')];
  t.same(rules(given), ['allow a', 'deny c 60:7 w']);
  t.equal(
    errorPointer(() => rules([nothing, char(true, 60, undefined, 'rw'), char(false, 60, 8, 'w')])),
    'E_CONFIG_RULE /linux/resources/devices/2',
    'it would ignore this one',
  );
  const inside = planOf({}, factsOf('v1', { inUserNamespace: true }));
  t.same(
    inside.cgroup.directories.flatMap(({ files: list }) => list),
    [],
    'the kernel takes none from a user namespace',
  );
  t.end();
});

t.test('device rules of v2', (t) => {
  const rules = (devices: NonNullable<Resources['devices']>): string[] => {
    const plan = planOf({ linux: { resources: { devices } } }, factsOf('v2'));
    return plan.cgroup.directories[0]!.devices.map((rule) => `${rule.allow ? '+' : '-'} ${ruleText(rule)}`);
  };
  const usual = ['+ c *:* m', '+ b *:* m', '+ c 1:3 rwm'];
  t.same(rules([]).slice(0, 4), ['- a', ...usual], 'without any, only the usual ones');
  const own = rules([
    { allow: false, access: 'rwm' },
    { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
  ]);
  t.same(own.slice(0, 3), ['- a', '+ c 10:229 rw', '+ c *:* m']);
  t.same(rules([{ allow: true, access: 'rwm' }]), ['+ a']);
  const rootless = planOf({}, factsOf('v2'), { rootless: true });
  t.same(rootless.cgroup.directories[0]!.devices, []);
  t.end();
});

t.test('directories', (t) => {
  const paths = (cgroupsPath: string | undefined, layout: Layout): string[] => {
    const plan = planOf(cgroupsPath === undefined ? {} : { linux: { cgroupsPath } }, factsOf(layout));
    return plan.cgroup.directories.map(({ path }) => path.slice('/sys/fs/cgroup'.length));
  };
  t.same(paths(undefined, 'v2'), ['/user.slice/c1'], 'beside our own cgroup, which contains processes');
  t.same(paths('/a//b/', 'v2'), ['/a/b']);
  t.same(paths('x', 'v2'), ['/user.slice/x']);
  t.same(paths(undefined, 'hybrid').slice(0, 4), ['/cpuset/c1', '/devices/c1', '/memory/user/c1', '/cpu,cpuacct/user/c1']);
  t.same(paths('/a', 'hybrid').slice(-2), ['/systemd/a', '/unified/a']);
  t.end();
});

t.test('the plan around them', (t) => {
  const hybrid = planOf({}, factsOf('hybrid')).cgroup;
  t.equal(hybrid.intoCgroup, '/sys/fs/cgroup/unified/user/c1');
  t.equal(hybrid.v1Cgroups.length, 10);
  t.same(hybrid.directories[0]?.inherit, ['cpuset.cpus', 'cpuset.mems']);
  const v2 = planOf({}, factsOf('v2')).cgroup;
  t.match(v2, { intoCgroup: '/sys/fs/cgroup/user.slice/c1', v1Cgroups: [], owner: null, optional: false });
  t.ok(v2.directories[0]?.enable.includes('+memory'));
  t.match(planOf({}, factsOf('none')).cgroup, { layout: 'none', directories: [] });
  t.match(planOf({ linux: { resources: { pids: { limit: 1 } } } }, factsOf('v2'), { cgroupManager: 'disabled' }), {
    cgroup: { layout: 'none', directories: [] },
    warnings: [{ pointer: '/linux/resources/pids' }],
  });
  t.equal(planOf({}, factsOf('v2'), { rootless: true }).cgroup.optional, true);
  const limited = { linux: { cgroupsPath: '/x', resources: { pids: { limit: 1 }, devices: [{ allow: false }] } } };
  const user = (mayWrite: (path: string) => boolean) => planOf(limited, factsOf('v2', { mayWrite }), { rootless: true });
  t.equal(user((path) => path === '/sys/fs/cgroup').cgroup.optional, true);
  t.match(
    user(() => false),
    {
      cgroup: { layout: 'none' },
      warnings: ['resources/pids', 'resources/devices', 'cgroupsPath'].map((name) => ({ pointer: `/linux/${name}` })),
    },
  );
  t.end();
});

t.test('the owner of the cgroup, if the container has a writable one', (t) => {
  const mappings = [{ containerID: 0, hostID: 5000, size: 100 }];
  const linux = {
    namespaces: [{ type: 'cgroup' as const }, { type: 'user' as const }],
    uidMappings: mappings,
    gidMappings: mappings,
  };
  const owner = (options: string[]): number | null => {
    const mounts = [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'whatever', options }];
    return planOf({ linux, root: { mounts }, process: { user: { uid: 7, gid: 7 } } }, factsOf('v2')).cgroup.owner;
  };
  t.equal(owner(['rw']), 5007);
  t.equal(owner(['ro']), null);
  t.end();
});

t.test('whatever cgroupsPath is, the cgroup is below its mount, and is neither that nor our own', (t) => {
  const word = fc.constantFrom('..', '.', '', 'a', 'user', '...', 'b c');
  const path = fc.tuple(fc.boolean(), fc.array(word)).map(([absolute, words]) => `${absolute ? '/' : ''}${words.join('/')}`);
  const property = fc.property(path, fc.constantFrom<Layout>('v1', 'hybrid', 'v2'), (cgroupsPath, layout) => {
    const facts = factsOf(layout);
    const own = [...facts.cgroup.hierarchies, ...(facts.cgroup.unified === null ? [] : [facts.cgroup.unified])];
    try {
      return planOf({ linux: { cgroupsPath } }, facts).cgroup.directories.every(({ path: one, mount }) => {
        const inside = one.startsWith(`${mount}/`) && !one.split('/').includes('..') && !one.endsWith('/');
        return (
          inside && !own.some((ours) => ours.own !== '/' && one === `${ours.mount}${ours.own}` && !cgroupsPath.startsWith('/'))
        );
      });
    } catch (caught) {
      return caught instanceof PockerError && caught.details.pointer === '/linux/cgroupsPath';
    }
  });
  fc.assert(property, { numRuns: 500 });
  t.end();
});
