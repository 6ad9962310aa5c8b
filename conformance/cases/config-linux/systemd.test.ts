// --systemd-cgroup: a container's cgroups are those of a transient systemd scope.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../../harness/box.js';
import { succeeded, type Tap } from '../../harness/case.js';
import { readCgroup } from '../../harness/machine/cgroup.js';
import { patience } from '../../harness/command.js';
import { type Config, shell } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';
import { cgroupOf, check, driver, scoped, show, systemctl, unitOf, v2 } from '../../harness/topics/scope.js';

check(
  'a scope in its slice, from create to delete',
  async (t, box) => {
    box.atEnd(() => systemctl('stop', 'pkrtest.slice'));
    const container = scoped(box, () => undefined, 'pkrtest-a.slice');
    succeeded(t, await container.create(driver));
    const { Slice, Delegate, ActiveState, DefaultDependencies, ...accounting } = show(
      container,
      ...['Slice', 'Delegate', 'ActiveState', 'DefaultDependencies', 'MemoryAccounting', 'CPUAccounting', 'TasksAccounting'],
    );
    t.same(
      { Slice, Delegate, ActiveState, DefaultDependencies },
      {
        Slice: 'pkrtest-a.slice',
        Delegate: 'yes',
        ActiveState: 'active',
        DefaultDependencies: 'no',
      },
    );
    t.same(Object.values(accounting), ['yes', 'yes', 'yes']);
    const path = `/pkrtest.slice/pkrtest-a.slice/${unitOf(container)}`;
    t.equal(await cgroupOf(container), path);
    succeeded(t, await container.start());
    await container.waitFor('running');
    succeeded(t, await container.verb('exec', { flags: ['--detach'] }, ['sleep', '601']));
    const members = readCgroup(v2 ? '' : 'name=systemd', path, 'cgroup.procs')?.split('\n') ?? [];
    t.equal(members.length, 2, 'exec joins it');
    succeeded(t, await container.kill());
    await container.waitFor('stopped');
    succeeded(t, await container.delete({ flags: ['--force'] }));
  },
  { knownDifferences: { crun: 'puts its processes into a cgroup "container" below the scope' } },
);

check(
  'an empty cgroupsPath: a scope of a default name',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '600'];
      delete config.linux.cgroupsPath;
    });
    succeeded(t, await container.create(driver));
    t.match(await cgroupOf(container), new RegExp(`^/system\\.slice/\\w+(-runc)?-${container.id}\\.scope$`));
    succeeded(t, await container.delete({ flags: ['--force'] }));
  },
  { knownDifferences: { crun: 'puts its processes into a cgroup "container" below the scope' } },
);

const limits: NonNullable<Config['linux']['resources']> = {
  memory: { limit: 64 * 1024 * 1024, reservation: 32 * 1024 * 1024 },
  cpu: { shares: 512, quota: 12_345, period: 100_000, cpus: '0' },
  pids: { limit: 50 },
};

interface Expected {
  readonly properties: Record<string, string>;
  readonly common: Record<string, string>;
  readonly files: readonly (readonly [controller: string, file: string, value: string])[];
}

/** What systemd keeps of them, and what the files contain. */
const expected: Expected = {
  properties: v2
    ? { MemoryMax: '67108864', MemoryLow: '33554432', CPUWeight: '59' }
    : { MemoryLimit: '67108864', CPUShares: '512' },
  common: { CPUQuotaPerSecUSec: '130ms', TasksMax: '50', AllowedCPUs: '0' },
  files: v2
    ? [
        ['memory', 'memory.max', '67108864'],
        ['memory', 'memory.low', '33554432'],
        ['cpu', 'cpu.weight', '59'],
        ['cpu', 'cpu.max', '13000 100000'],
        ['pids', 'pids.max', '50'],
        ['cpuset', 'cpuset.cpus', '0'],
      ]
    : [
        ['memory', 'memory.limit_in_bytes', '67108864'],
        ['memory', 'memory.soft_limit_in_bytes', '33554432'],
        ['cpu', 'cpu.shares', '512'],
        ['cpu', 'cpu.cfs_quota_us', '13000'],
        ['pids', 'pids.max', '50'],
        ['cpuset', 'cpuset.cpus', '0'],
      ],
};

function assertLimits(t: Tap, path: string, when: string): void {
  for (const [controller, file, value] of expected.files) t.equal(readCgroup(controller, path, file), value, `${file} ${when}`);
}

check(
  'limits are in the unit and in the files, also after a daemon-reload',
  async (t, box) => {
    const container = scoped(box, (config) => {
      config.linux.resources = limits;
    });
    succeeded(t, await container.create(driver));
    const wanted = { ...expected.properties, ...expected.common };
    t.same(show(container, ...Object.keys(wanted)), wanted);
    const path = await cgroupOf(container);
    assertLimits(t, path, 'at first');
    systemctl('daemon-reload');
    assertLimits(t, path, 'after daemon-reload');
    t.same(show(container, ...Object.keys(wanted)), wanted);
  },
  {
    knownDifferences: {
      'runc 1.1': 'uses the older formula for shares, and does not round the quota as systemd does',
      crun: '1.8 gives the unit no limits',
    },
  },
);

/** Repeatedly opens two devices: "null yes kmsg no". Opening kmsg only for writing needs no capability. */
const tryDevices = shell(
  'while :; do n=no; k=no; true < /dev/null && n=yes; true > /dev/kmsg && k=yes; echo "null $n kmsg $k" >> /tried; sleep 0.2; done 2> /dev/null',
);

async function lastTried(container: Container): Promise<string> {
  const before = (await container.waitForFile('tried')).length;
  // Two lines later, the last attempt was made after this moment.
  for (let waited = 0; container.read('tried').length < before + 40 && waited < 10_000 * patience; waited += 50) await sleep(50);
  return container.read('tried').trim().split('\n').at(-1) ?? '';
}

function withDevices(box: Box, rules: NonNullable<NonNullable<Config['linux']['resources']>['devices']>): Container {
  return scoped(box, (config) => {
    config.process.args = tryDevices;
    config.linux.devices = [{ path: '/dev/kmsg', type: 'c', major: 1, minor: 11, fileMode: 0o666 }];
    config.linux.resources = { devices: rules };
  });
}

const nothing = { allow: false, access: 'rwm' };
const kmsg = { allow: true, type: 'c', major: 1, minor: 11, access: 'rw' };

check(
  'device rules hold, also after a daemon-reload',
  async (t, box) => {
    const allowed = withDevices(box, [nothing, kmsg]);
    const denied = withDevices(box, [nothing]);
    await allowed.up(driver);
    await denied.up(driver);
    t.equal(await lastTried(allowed), 'null yes kmsg yes');
    t.equal(await lastTried(denied), 'null yes kmsg no');
    t.match(show(allowed, 'DevicePolicy', 'DeviceAllow'), { DevicePolicy: 'strict' });
    systemctl('daemon-reload');
    t.equal(await lastTried(allowed), 'null yes kmsg yes');
    t.equal(await lastTried(denied), 'null yes kmsg no');
  },
  { knownDifferences: { crun: '1.8 gives the unit no device policy' } },
);

check(
  'device rules that systemd has no words for hold as well',
  async (t, box) => {
    const container = withDevices(box, [
      { allow: true, access: 'rwm' },
      { ...kmsg, allow: false, access: 'w' },
    ]);
    await container.up(driver);
    t.equal(await lastTried(container), 'null yes kmsg no');
    systemctl('daemon-reload');
    t.equal(await lastTried(container), 'null yes kmsg no');
    t.equal(show(container, 'DevicePolicy')['DevicePolicy'], 'auto');
  },
  {
    skip: v2 ? false : 'on v1 systemd itself writes the device lists',
    knownDifferences: {
      runc: 'gives systemd an empty device list, which applies together with its own program',
      crun: 'gives systemd an empty device list, which applies together with its own program',
    },
  },
);

check(
  'linux.resources.unified becomes properties',
  async (t, box) => {
    const unified = {
      'memory.high': '60000000',
      'memory.min': '4096000',
      'pids.max': '33',
      'cpu.weight': '77',
      'memory.oom.group': '1',
    };
    const container = scoped(box, (config) => {
      config.linux.resources = { unified };
    });
    succeeded(t, await container.create(driver));
    const wanted = { MemoryHigh: '60000000', MemoryMin: '4096000', TasksMax: '33', CPUWeight: '77' };
    t.same(show(container, ...Object.keys(wanted)), wanted);
    const path = await cgroupOf(container);
    t.equal(readCgroup('memory', path, 'memory.oom.group'), '1', 'what has no property is written to its file');
    t.equal(readCgroup('pids', path, 'pids.max'), '33');
  },
  { skip: v2 ? false : 'unified is for cgroup v2', knownDifferences: { crun: '1.8 gives the unit no limits' } },
);

check('annotations become properties', async (t, box) => {
  const container = scoped(box, (config) => {
    config.annotations = {
      'org.systemd.property.TimeoutStopUSec': 'uint64 7000000',
      'org.systemd.property.CollectMode': "'inactive-or-failed'",
      'org.systemd.property.After': "['pocker.target']",
    };
  });
  succeeded(t, await container.create(driver));
  t.match(show(container, 'TimeoutStopUSec', 'CollectMode', 'After'), {
    TimeoutStopUSec: '7s',
    CollectMode: 'inactive-or-failed',
    After: /pocker\.target/,
  });
});

check(
  'update changes the unit, too',
  async (t, box) => {
    const container = scoped(box, (config) => {
      config.linux.resources = limits;
    });
    await container.up(driver);
    const flags = [
      '--memory',
      '134217728',
      '--memory-swap',
      '-1',
      '--cpu-quota',
      '25000',
      '--cpu-period',
      '100000',
      '--pids-limit',
      '44',
    ];
    succeeded(t, await container.verb('update', { flags }));
    const wanted = { [v2 ? 'MemoryMax' : 'MemoryLimit']: '134217728', CPUQuotaPerSecUSec: '250ms', TasksMax: '44' };
    t.same(show(container, ...Object.keys(wanted)), wanted);
    systemctl('daemon-reload');
    const path = await cgroupOf(container);
    t.equal(readCgroup('memory', path, v2 ? 'memory.max' : 'memory.limit_in_bytes'), '134217728');
    t.equal(readCgroup('pids', path, 'pids.max'), '44');
    t.match(readCgroup('cpu', path, v2 ? 'cpu.max' : 'cpu.cfs_quota_us'), /^25000\b/);
  },
  { knownDifferences: { crun: '1.8 gives the unit no limits' } },
);
