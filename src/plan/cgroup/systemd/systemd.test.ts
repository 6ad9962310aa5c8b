import t from 'tap';
import { errorPointer, factsOf, planOf, names, type SpecParts } from '../../fixtures.js';
import type { CgroupFacts } from '../../../host/host-facts.js';
import type { Plan, PlanOptions } from '../../plan.js';
import type { Resources } from '../../spec-types.js';
import { slicePath } from './unit-name.js';

type Layout = CgroupFacts['layout'];

function unitPlan(parts: SpecParts, layout: Layout = 'v2', options: Partial<PlanOptions> = {}): Plan {
  return planOf(parts, factsOf(layout), { cgroupManager: 'systemd', ...options });
}

/** "Name=words" for what the resources add. */
function properties(resources: Resources, layout: Layout = 'v2'): string[] {
  const { unit } = unitPlan({ linux: { resources } }, layout, { rootless: layout === 'v2' }).cgroup;
  const all = unit!.properties.map(
    ({ name, words, since }) => `${name}=${words.join(' ')}${since === undefined ? '' : ` >=${since}`}`,
  );
  return all.slice(all.findIndex((one) => one.endsWith('IOAccounting=true')) + 1).filter((one) => !one.startsWith('Device'));
}

t.test('cgroupsPath as a unit', (t) => {
  const unit = (cgroupsPath: string, options: Partial<PlanOptions> = {}): string => {
    const { cgroup } = unitPlan({ linux: { cgroupsPath } }, 'v2', options);
    return `${cgroup.unit!.manager} ${cgroup.unit!.name} ${cgroup.directories[0]!.path.slice('/sys/fs/cgroup'.length)}`;
  };
  t.equal(unit('machine.slice:docker:12'), 'system docker-12.scope /machine.slice/docker-12.scope');
  t.equal(unit('a-b-c.slice:p:n'), 'system p-n.scope /a.slice/a-b.slice/a-b-c.slice/p-n.scope');
  t.equal(unit('-.slice:p:n'), 'system p-n.scope /p-n.scope');
  t.equal(unit('::n'), 'system -n.scope /system.slice/-n.scope');
  t.equal(unit(''), 'system pocker-runc-c1.scope /system.slice/pocker-runc-c1.scope');
  t.equal(unit('', { id: 'a+b' }), 'system pocker-runc-a\\x2bb.scope /system.slice/pocker-runc-a\\x2bb.scope');
  const manager = '/user.slice/user-1000.slice/user@1000.service';
  t.equal(unit(':p:n', { rootless: true }), `user p-n.scope ${manager}/user.slice/p-n.scope`);
  t.equal(slicePath('-.slice'), '');
  t.end();
});

t.test('refuses what is not a unit', (t) => {
  const paths = [
    '/a/b',
    'a:b',
    'a:b:c:d',
    'a:b:c',
    'a--b.slice:p:n',
    '-a.slice:p:n',
    '.slice:p:n',
    'a/b.slice:p:n',
    's.slice:p:a b',
  ];
  for (const cgroupsPath of [...paths, `:p:${'n'.repeat(250)}`, ':p:n.slice'])
    t.equal(
      errorPointer(() => unitPlan({ linux: { cgroupsPath } })),
      'E_CONFIG_RULE /linux/cgroupsPath',
      cgroupsPath,
    );
  const absent = { ...factsOf('v2'), systemd: { ...factsOf('v2').systemd, running: false } };
  t.equal(
    errorPointer(() => planOf({}, absent, { cgroupManager: 'systemd' })),
    'E_CGROUP ',
  );
  t.equal(
    errorPointer(() => unitPlan({}, 'hybrid', { rootless: true })),
    'E_CGROUP ',
    "a user's manager has no controllers of v1",
  );
  t.end();
});

t.test('resources as properties', (t) => {
  const cases: [resources: Resources, v2: string[], v1: string[]][] = [
    [
      { memory: { limit: 100, swap: 150, reservation: 50 } },
      ['MemoryMax=100', 'MemoryLow=50', 'MemorySwapMax=50'],
      ['MemoryLimit=100'],
    ],
    [
      { memory: { limit: -1 } },
      [`MemoryMax=${2n ** 64n - 1n}`, `MemorySwapMax=${2n ** 64n - 1n}`],
      [`MemoryLimit=${2n ** 64n - 1n}`],
    ],
    [{ cpu: { shares: 1024 } }, ['CPUWeight=100'], ['CPUShares=1024']],
    [{ cpu: { shares: 1024, idle: 1 } }, ['CPUWeight=0 >=252'], ['CPUShares=1024']],
    [{ cpu: { idle: 0 } }, [`CPUWeight=${2n ** 64n - 1n}`], []],
    [
      { cpu: { quota: 50_000, period: 200_000 } },
      ['CPUQuotaPeriodUSec=200000 >=242', 'CPUQuotaPerSecUSec=250000'],
      ['CPUQuotaPeriodUSec=200000 >=242', 'CPUQuotaPerSecUSec=250000'],
    ],
    [{ cpu: { quota: 12_345 } }, ['CPUQuotaPerSecUSec=130000'], ['CPUQuotaPerSecUSec=130000']],
    [{ cpu: { quota: -1, period: 0 } }, [`CPUQuotaPerSecUSec=${2n ** 64n - 1n}`], [`CPUQuotaPerSecUSec=${2n ** 64n - 1n}`]],
    [
      { cpu: { cpus: '0,3-4, 9', mems: '0' } },
      ['AllowedCPUs=2 25 2 >=244', 'AllowedMemoryNodes=1 1 >=244'],
      ['AllowedCPUs=2 25 2 >=244', 'AllowedMemoryNodes=1 1 >=244'],
    ],
    [{ pids: { limit: 7 } }, ['TasksMax=7'], ['TasksMax=7']],
    [{ pids: { limit: 0 } }, ['TasksMax=1'], ['TasksMax=1']],
    [{ pids: { limit: -1 } }, [`TasksMax=${2n ** 64n - 1n}`], [`TasksMax=${2n ** 64n - 1n}`]],
    [{ blockIO: { weight: 500 } }, ['IOWeight=4950'], ['BlockIOWeight=500']],
    [{ hugepageLimits: [{ pageSize: '2MB', limit: 4 }] }, [], []],
  ];
  for (const [resources, v2, v1] of cases) {
    t.same(properties(resources), v2, `v2 ${JSON.stringify(resources)}`);
    t.same(properties(resources, 'v1'), v1, `v1 ${JSON.stringify(resources)}`);
  }
  const cpuMax = (resources: Resources) =>
    unitPlan({ linux: { resources } }).cgroup.directories[0]!.files.map(({ value }) => value);
  t.same(cpuMax({ cpu: { quota: 12_345 } }), ['13000 100000'], 'the file says what systemd stores');
  t.same(cpuMax({ cpu: { quota: 13_000 } }), ['13000 100000']);
  t.end();
});

t.test('unified keys as properties', (t) => {
  const cases: [key: string, value: string, ...properties: string[]][] = [
    ['cpu.max', '50000 100000', 'CPUQuotaPeriodUSec=100000 >=242', 'CPUQuotaPerSecUSec=500000'],
    ['cpu.max', 'max', 'CPUQuotaPeriodUSec=100000 >=242', `CPUQuotaPerSecUSec=${2n ** 64n - 1n}`],
    ['cpu.weight', '5', 'CPUWeight=5'],
    ['cpu.idle', '1', 'CPUWeight=0 >=252'],
    ['cpu.idle', '0'],
    ['cpuset.cpus', '1', 'AllowedCPUs=1 2 >=244'],
    ['memory.min', '10', 'MemoryMin=10'],
    ['memory.high', 'max', `MemoryHigh=${2n ** 64n - 1n}`],
    ['memory.swap.max', '0', 'MemorySwapMax=0'],
    ['memory.oom.group', '1', 'OOMPolicy=kill >=253'],
    ['pids.max', '9', 'TasksMax=9'],
    ['io.max', '8:0 rbps=1'],
  ];
  for (const [key, value, ...expected] of cases) t.same(properties({ unified: { [key]: value } }), expected, `${key}=${value}`);
  t.same(properties({ unified: { 'cpu.weight': '5', 'cpu.idle': '1' } }), ['CPUWeight=0 >=252'], 'an idle cgroup has no weight');
  for (const [key, value] of [
    ['cpu.max', '1 0'],
    ['cpu.max', '1 2 3'],
    ['memory.max', '1G'],
    ['cpuset.cpus', '3-1'],
    ['cpuset.cpus', ''],
    ['cpuset.cpus', '99999999'],
  ] as const) {
    const unified = { [key]: value };
    t.equal(
      errorPointer(() => properties({ unified })),
      `E_CONFIG_RULE /linux/resources/unified/${key}`,
      `${key}=${value}`,
    );
  }
  t.end();
});

t.test('device rules as properties', (t) => {
  const devices = (rules: NonNullable<Resources['devices']>, layout: Layout = 'v2'): string[] => {
    const { unit } = unitPlan({ linux: { resources: { devices: rules } } }, layout).cgroup;
    return unit!.properties.filter(({ name }) => name.startsWith('Device')).map(({ words }) => words.join(' '));
  };
  const nothing = { allow: false, access: 'rwm' };
  const usual = devices([nothing]);
  t.same(usual.slice(0, 2), ['strict', '0']);
  t.match(usual[2], /^11 char-\* m block-\* m \/dev\/char\/1:3 rwm/);
  t.match(usual[2], /char-136 rwm/);
  const own = devices([nothing, { allow: true, type: 'b', major: 8, minor: 1, access: 'r' }]);
  t.match(own[2], /^12 \/dev\/block\/8:1 r char-\*/);
  t.same(devices([{ allow: true, access: 'rwm' }]), ['auto', '0'], 'everything');
  const taken = devices([
    nothing,
    { allow: true, type: 'c', major: 10, minor: 1, access: 'rw' },
    { allow: false, type: 'c', major: 10, access: 'w' },
  ]);
  t.match(taken[2], /\/dev\/char\/10:1 r char/);
  const inexpressible = [
    [
      { allow: true, access: 'rwm' },
      { allow: false, type: 'c', major: 1, minor: 1, access: 'w' },
    ],
    [nothing, { allow: true, type: 'c', minor: 1, access: 'w' }],
  ];
  for (const rules of inexpressible) {
    t.same(devices(rules), ['auto', '0'], 'on v2, only our own program decides');
    t.same(devices(rules, 'v1'), ['strict', '0'], 'on v1, nothing may become accessible');
    t.match(unitPlan({ linux: { resources: { devices: rules } } }, 'v1').warnings, [{ pointer: '/linux/resources/devices' }]);
  }
  const all = { allow: true, type: 'c', major: 10, access: 'w' };
  const part = [nothing, all, { ...all, allow: false, minor: 5 }];
  t.same(devices(part), ['auto', '0']);
  t.equal(
    errorPointer(() => devices(part, 'v1')),
    'E_CONFIG_RULE /linux/resources/devices/2',
    'nor has v1 itself a way to say it',
  );
  t.end();
});

t.test('annotations as properties', (t) => {
  const annotated = (annotations: Record<string, string>) => unitPlan({ root: { annotations } }).cgroup.unit!.properties.at(-1);
  const property = (name: string, value: string) => annotated({ [`org.systemd.property.${name}`]: value });
  t.same(property('TimeoutStopUSec', 'uint64 5'), { name: 'TimeoutStopUSec', signature: 't', words: ['5'] });
  t.same(property('TimeoutStopSec', '1.5'), { name: 'TimeoutStopUSec', signature: 't', words: ['1500000'] });
  t.same(property('After', "['a.service']"), { name: 'After', signature: 'as', words: ['1', 'a.service'] });
  t.equal(annotated({ 'org.other': 'x' })?.name, 'DeviceAllow', 'other annotations are not properties');
  for (const [name, value] of [
    ['CollectMode', 'inactive'],
    ['Ab', '1'],
    ['A.b', '1'],
    ['TimeoutStopSec', "'x'"],
    ['TimeoutStopSec', '-1'],
  ] as const)
    t.equal(
      errorPointer(() => property(name, value)),
      `E_CONFIG_RULE /annotations/org.systemd.property.${name}`,
      `${name}=${value}`,
    );
  t.end();
});

t.test('the plan around the unit', (t) => {
  const v2 = unitPlan({});
  t.match(v2.cgroup, { intoCgroup: '', v1Cgroups: [], optional: false });
  t.equal(names(v2)[0], 'Sync', 'the process waits before anything else');
  t.match(
    v2.cgroup.unit!.properties.slice(0, 4).map(({ name, words }) => [name, ...words]),
    [
      ['Description', 'container c1'],
      ['Slice', 'system.slice'],
      ['Delegate', 'true'],
      ['DefaultDependencies', 'false'],
    ],
  );
  const hybrid = unitPlan({ linux: { cgroupsPath: 'a-b.slice:p:n' } }, 'hybrid').cgroup;
  const managed = hybrid.directories.filter((one) => one.managed).map(({ mount }) => mount.slice('/sys/fs/cgroup/'.length));
  t.same([...managed].sort(), ['blkio', 'cpu,cpuacct', 'devices', 'memory', 'pids', 'systemd', 'unified']);
  t.equal(hybrid.intoCgroup, '');
  t.ok(hybrid.v1Cgroups.includes('/sys/fs/cgroup/cpuset/a.slice/a-b.slice/p-n.scope'));
  t.notOk(hybrid.v1Cgroups.some((path) => path.includes('/memory/')));
  const rootless = unitPlan({}, 'v2', { rootless: true }).cgroup;
  t.same(rootless.directories[0]?.enable, [], 'parents belong to others');
  t.same(
    rootless.unit?.properties.filter(({ name }) => name.startsWith('Device')),
    [],
  );
  t.end();
});
