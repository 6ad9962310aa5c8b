import t from 'tap';
import { factsOf, options } from './fixtures.js';
import type { Resources } from './spec-types.js';
import { planUpdate, type UpdatePlan } from './update.js';

const v2Targets = [{ controller: '', path: '/sys/fs/cgroup/c' }];
const v1Targets = ['cpu,cpuacct', 'memory', 'devices', 'pids', ''].map((controller) => ({
  controller,
  path: `/cg/${controller}`,
}));

function v2(change: Resources, recorded: Resources = {}): UpdatePlan {
  return planUpdate({ change, recorded, targets: v2Targets }, factsOf('v2'), options);
}

function v1(change: Resources, recorded: Resources = {}): UpdatePlan {
  return planUpdate({ change, recorded, targets: v1Targets }, factsOf('hybrid'), options);
}

const files = ({ directories }: UpdatePlan): string[] =>
  directories.flatMap(({ path, files }) => files.map(({ file, value }) => `${path}/${file} = ${value}`));

t.test('writes only what should change', (t) => {
  t.same(files(v2({ pids: { limit: 5 } }, { memory: { limit: 1 } })), ['/sys/fs/cgroup/c/pids.max = 5']);
  t.same(files(v1({ pids: { limit: -1 }, memory: { limit: 4096 } })), [
    '/cg/memory/memory.limit_in_bytes = 4096',
    '/cg/pids/pids.max = max',
  ]);
  t.same(files(v1({ memory: { limit: 0 }, cpu: { shares: 0, cpus: '' } })), []);
  t.same(v2({}).directories[0]?.devices, null, 'devices stay');
  t.end();
});

t.test('v2: quota and period are one file', (t) => {
  const cpu = (change: object, recorded: object): string[] => files(v2({ cpu: change }, { cpu: recorded }));
  t.same(cpu({ quota: 5 }, { period: 70 }), ['/sys/fs/cgroup/c/cpu.max = 5 70']);
  t.same(cpu({ period: 70 }, { quota: 5 }), ['/sys/fs/cgroup/c/cpu.max = 5 70']);
  t.same(cpu({ quota: -1 }, { quota: 5, period: 70 }), ['/sys/fs/cgroup/c/cpu.max = max 70']);
  t.same(cpu({ shares: 2 }, { quota: 5 }), ['/sys/fs/cgroup/c/cpu.weight = 1']);
  t.end();
});

t.test('v2: swap includes memory in the config, but not in the kernel', (t) => {
  const recorded = { memory: { limit: 100, swap: 150 } };
  t.same(files(v2({ memory: { swap: 300 } }, recorded)), [
    '/sys/fs/cgroup/c/memory.swap.max = 200',
    '/sys/fs/cgroup/c/memory.max = 100',
  ]);
  const grown = v2({ memory: { limit: 400 } }, recorded);
  t.same(files(grown), ['/sys/fs/cgroup/c/memory.max = 400']);
  t.same(grown.resources.memory, { limit: 400, swap: 450 }, 'the record stays true');
  t.same(v2({ memory: { limit: -1 } }, recorded).resources.memory, { limit: -1, swap: -1 });
  t.end();
});

t.test('the recorded resources', (t) => {
  const recorded: Resources = { memory: { limit: 100, reservation: 5 }, pids: { limit: 3 }, unified: { 'a.b': '1' } };
  const change: Resources = { memory: { limit: 0, reservation: 6 }, pids: { limit: 0 }, unified: { 'c.d': '2' } };
  t.same(v2(change, recorded).resources, {
    memory: { limit: 100, reservation: 6 },
    pids: { limit: 0 },
    unified: { 'a.b': '1', 'c.d': '2' },
  });
  t.end();
});

t.test('devices: another list replaces the rules, an equal one does nothing', (t) => {
  const devices = [{ allow: false }, { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' }];
  t.ok(v2({ devices }).directories[0]?.devices?.some(({ minor }) => minor === 229));
  t.same(v2({ devices }, { devices }).directories[0]?.devices, null);
  t.match(files(v1({ devices })).join('\n'), /\/cg\/devices\/devices.deny = a\n.*c 10:229 rw/s);
  t.same(files(v1({ devices }, { devices })), []);
  t.end();
});

t.test('what is impossible', (t) => {
  t.throws(() => planUpdate({ change: {}, recorded: {}, targets: [] }, factsOf('none'), options), { code: 'E_CGROUP' });
  t.throws(() => v1({ cpu: { cpus: '0' } }), { code: 'E_CGROUP' }, 'no such controller');
  t.throws(() => v1({ unified: { 'memory.high': '1' } }), { code: 'E_CONFIG_RULE' });
  t.end();
});

t.test('ignores unknown fields, with a warning', (t) => {
  for (const plan of [v1, v2]) {
    const { resources, directories, warnings } = plan({ 'a/b': {}, pids: { limit: 3 } } as Resources);
    t.same(resources, { pids: { limit: 3 } });
    t.equal(directories.flatMap(({ files: written }) => written).length, 1);
    t.same(warnings, [{ pointer: '/linux/resources/a~1b', text: 'is unknown; ignored' }]);
  }
  t.end();
});

t.test('a systemd unit gets them as properties', (t) => {
  const changed = (change: Resources, layout: 'v2' | 'hybrid' = 'v2', recorded: Resources = {}): UpdatePlan => {
    const targets = layout === 'v2' ? v2Targets : v1Targets;
    return planUpdate({ change, recorded, targets }, factsOf(layout), { ...options, cgroupManager: 'systemd' });
  };
  const named = ({ properties }: UpdatePlan): string[] => properties.map(({ name, words }) => `${name}=${words.join(' ')}`);
  t.same(named(changed({ pids: { limit: 5 }, memory: { limit: 4096 } })), ['MemoryMax=4096', 'TasksMax=5']);
  const quota = changed({ cpu: { quota: 12_345 } }, 'v2', { cpu: { period: 50_000 } });
  t.same(named(quota), ['CPUQuotaPeriodUSec=50000', 'CPUQuotaPerSecUSec=250000']);
  t.same(files(quota), ['/sys/fs/cgroup/c/cpu.max = 12500 50000'], 'rounded as by systemd');
  t.same(named(changed({ cpu: { shares: 5 } }, 'hybrid')), ['CPUShares=5']);
  t.same(named(changed({ devices: [{ allow: true, access: 'rwm' }] })), ['DevicePolicy=auto', 'DeviceAllow=0']);
  t.same(named(changed({ unified: { 'memory.oom.group': '1' } })), [], 'what is fixed at the start stays');
  t.same(v2({ pids: { limit: 5 } }).properties, [], 'without a unit there are none');
  t.end();
});
