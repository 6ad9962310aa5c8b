// update: seen in the kernel's files, with either version of cgroups, and by a process that is affected.
import { writeFileSync } from 'node:fs';
import { failed, succeeded, test, type Tap } from '../../../harness/case.js';
import type { Box } from '../../../harness/box.js';
import { hasFile, layout, readCgroup } from '../../../harness/machine/cgroup.js';
import type { CommandResult } from '../../../harness/command.js';
import { shell } from '../../../harness/config.js';
import type { Container } from '../../../harness/container.js';

const v2 = layout === 'v2';
const MiB = 1024 * 1024;
const none = v2 ? 'max' : '9223372036854771712';

/** A limit under the same name in both versions. */
function read({ cgroupsPath }: Container, controller: string, first: string, second: string): string | undefined {
  return readCgroup(controller, cgroupsPath, v2 ? second : first);
}

const memory = (container: Container): string | undefined => read(container, 'memory', 'memory.limit_in_bytes', 'memory.max');
const swap = (container: Container): string | undefined =>
  read(container, 'memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max');
const pids = (container: Container): string | undefined => read(container, 'pids', 'pids.max', 'pids.max');

const update = (container: Container, ...flags: string[]): Promise<CommandResult> => container.verb('update', { flags });

async function withFile(box: Box, container: Container, resources: unknown): Promise<CommandResult> {
  writeFileSync(box.path('resources.json'), typeof resources === 'string' ? resources : JSON.stringify(resources));
  return update(container, '--resources', box.path('resources.json'));
}

test(
  '--pids-limit',
  async (t, box) => {
    const container = await box.running();
    succeeded(t, await update(container, '--pids-limit', '17'));
    t.equal(pids(container), '17');
    succeeded(t, await update(container, '-pids-limit=-1'));
    t.equal(pids(container), 'max');
  },
  { knownDifferences: { 'crun 1.8': 'is older than this flag' } },
);

test(
  '--memory in sizes',
  async (t, box) => {
    const container = await box.running();
    for (const [size, bytes] of [
      ['64M', 64 * MiB],
      ['67108864', 64 * MiB],
      ['0.5g', 512 * MiB],
      ['32MiB', 32 * MiB],
      ['32mb', 32 * MiB],
    ] as const) {
      succeeded(t, await update(container, '--memory', size));
      t.equal(memory(container), String(bytes), size);
    }
    succeeded(t, await update(container, '--memory', '-1'));
    t.equal(memory(container), none);
  },
  { knownDifferences: { 'crun 1.8': 'takes bytes alone' } },
);

test('--memory-reservation', async (t, box) => {
  const container = await box.running();
  succeeded(t, await update(container, '--memory-reservation', String(16 * MiB)));
  t.equal(read(container, 'memory', 'memory.soft_limit_in_bytes', 'memory.low'), String(16 * MiB));
});

const hasSwap = hasFile('memory', v2 ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes');
const swapOnly = { skip: hasSwap ? (false as const) : 'this kernel does not account for swap' };

test('memory and swap, up and down again', swapUpAndDown, swapOnly);

async function swapUpAndDown(t: Tap, box: Box): Promise<void> {
  const container = await box.running();
  for (const [limit, both] of [
    [64, 128],
    [256, 512],
    [512, 600],
    [32, 40],
  ] as const) {
    succeeded(t, await update(container, '--memory', String(limit * MiB), '--memory-swap', String(both * MiB)));
    t.equal(memory(container), String(limit * MiB));
    t.equal(swap(container), String((v2 ? both - limit : both) * MiB));
  }
  succeeded(t, await update(container, '--memory', '-1', '--memory-swap', '-1'));
  t.same([memory(container), swap(container)], [none, none]);
}

test(
  'memory and swap together are not less than memory',
  async (t, box) => {
    const container = await box.running();
    const before = memory(container);
    failed(t, await update(container, '--memory', '100M', '--memory-swap', '50M'));
    t.equal(memory(container), before, 'and nothing has changed');
  },
  { knownDifferences: { runc: 'leaves the memory limit changed' } },
);

test(
  'CPU quota and period, or only one of them',
  async (t, box) => {
    const container = await box.running();
    const bandwidth = (): string =>
      v2
        ? (readCgroup('cpu', container.cgroupsPath, 'cpu.max') ?? '')
        : `${readCgroup('cpu', container.cgroupsPath, 'cpu.cfs_quota_us')} ${readCgroup('cpu', container.cgroupsPath, 'cpu.cfs_period_us')}`;
    succeeded(t, await update(container, '--cpu-quota', '50000', '--cpu-period', '200000'));
    t.equal(bandwidth(), '50000 200000');
    succeeded(t, await update(container, '--cpu-quota', '20000'));
    t.equal(bandwidth(), '20000 200000');
    succeeded(t, await update(container, '--cpu-period', '100000'));
    t.equal(bandwidth(), '20000 100000');
    succeeded(t, await update(container, '--cpu-quota', '-1'));
    t.equal(bandwidth(), `${v2 ? 'max' : '-1'} 100000`);
  },
  { knownDifferences: { 'crun 1.8': 'writes a quota of -1 as a positive number' } },
);

test('--cpu-share, --cpuset-cpus, --cpuset-mems', async (t, box) => {
  const container = await box.running();
  succeeded(t, await update(container, '--cpu-share', '2048', '--cpuset-cpus', '0', '--cpuset-mems', '0'));
  t.match(read(container, 'cpu', 'cpu.shares', 'cpu.weight'), v2 ? /^(79|17\d)$/ : /^2048$/);
  t.equal(readCgroup('cpuset', container.cgroupsPath, 'cpuset.cpus'), '0');
  t.equal(readCgroup('cpuset', container.cgroupsPath, 'cpuset.mems'), '0');
});

test(
  '--cpu-idle',
  async (t, box) => {
    const container = await box.running();
    succeeded(t, await update(container, '--cpu-idle', '1'));
    t.equal(readCgroup('cpu', container.cgroupsPath, 'cpu.idle'), '1');
  },
  {
    skip: hasFile('cpu', 'cpu.idle') ? false : 'this kernel has no cpu.idle',
    knownDifferences: { 'runc 1.1': 'has no --cpu-idle', crun: 'has no --cpu-idle' },
  },
);

test(
  '--cpu-burst',
  async (t, box) => {
    const container = await box.running();
    const burst = (): string | undefined => read(container, 'cpu', 'cpu.cfs_burst_us', 'cpu.max.burst');
    succeeded(t, await update(container, '--cpu-quota', '50000', '--cpu-burst', '30000'));
    t.equal(burst(), '30000');
  },
  {
    skip: hasFile('cpu', v2 ? 'cpu.max.burst' : 'cpu.cfs_burst_us') ? false : 'this kernel has no CPU burst',
    knownDifferences: { 'runc 1.1': 'has no --cpu-burst', crun: 'has no --cpu-burst' },
  },
);

test(
  'a resources file, also on standard input',
  async (t, box) => {
    const container = await box.running();
    succeeded(t, await withFile(box, container, { pids: { limit: 21 }, memory: { limit: 48 * MiB } }));
    t.same([pids(container), memory(container)], ['21', String(48 * MiB)]);
    writeFileSync(box.path('resources.json'), '{"pids": {"limit": 22}, "memory": {}, "cpu": {"cpus": ""}}');
    for (const flags of [['--resources=-'], ['--resources', '-'], ['-r', '-']]) {
      succeeded(t, await container.verb('update', { flags, stdin: box.path('resources.json') }));
      t.equal(pids(container), '22');
    }
    succeeded(t, await box.runtime(['update', container.id, '--pids-limit', '23']));
    t.equal(pids(container), '23', 'flags may stand after the id');
  },
  { knownDifferences: { crun: 'does not accept flags after the id' } },
);

test('a resources file replaces all flags', async (t, box) => {
  const container = await box.running();
  writeFileSync(box.path('resources.json'), '{"pids": {"limit": 9}}');
  succeeded(t, await update(container, '--memory', '64M', '-r', box.path('resources.json')));
  t.same([pids(container), memory(container)], ['9', none]);
});

test(
  'what is not mentioned stays',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.resources = { pids: { limit: 30 }, memory: { limit: 64 * MiB }, cpu: { shares: 512 } };
    });
    const shares = read(container, 'cpu', 'cpu.shares', 'cpu.weight');
    succeeded(t, await withFile(box, container, { memory: { limit: 96 * MiB } }));
    t.same([pids(container), memory(container)], ['30', String(96 * MiB)]);
    succeeded(t, await withFile(box, container, { memory: { limit: 0 }, cpu: { shares: 0, quota: 0 } }));
    t.same([memory(container), read(container, 'cpu', 'cpu.shares', 'cpu.weight')], [String(96 * MiB), shares]);
    succeeded(t, await update(container));
  },
  { knownDifferences: { 'crun 1.8': 'writes the limit again' } },
);

test(
  'invalid resources: empty, not JSON, of another shape, missing',
  async (t, box) => {
    const container = await box.running();
    for (const text of ['', '\n', '{', '[]', '"x"', '{"memory": {"limit": "64M"}}', '{"pids": 4}', '{}, "x": {}']) {
      failed(t, await withFile(box, container, text));
    }
    failed(t, await update(container, '--resources', box.path('nothing.json')));
    failed(t, await update(container, '--resources=-'));
    t.equal(pids(container), 'max');
  },
  { knownDifferences: { crun: 'accepts some of them', runc: 'reads the first value of the text, and ignores the rest' } },
);

test(
  'invalid values',
  async (t, box) => {
    const container = await box.running();
    failed(t, await update(container, '--memory', 'much'), /invalid value for memory: invalid size: 'much'/);
    failed(t, await update(container, '--cpu-quota', 'x'), /invalid value for cpu-quota/);
    failed(t, await update(container, '--pids-limit', '1.5'), /pids-limit/);
    failed(t, await update(container, '--cpuset-cpus', '4096'));
    failed(t, await update(container, '--l3-cache-schema', 'L3:0=f'));
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'what the kernel refuses leaves everything unchanged',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.resources = { pids: { limit: 30 }, memory: { limit: 64 * MiB } };
    });
    const change = { pids: { limit: 40 }, memory: { limit: 96 * MiB }, cpu: { shares: 2048, cpus: '4095' } };
    const shares = read(container, 'cpu', 'cpu.shares', 'cpu.weight');
    failed(t, await withFile(box, container, change), /cpuset\.cpus/);
    t.same(
      [pids(container), memory(container), read(container, 'cpu', 'cpu.shares', 'cpu.weight')],
      ['30', String(64 * MiB), shares],
    );
    succeeded(t, await update(container, '--pids-limit', '50'));
    t.same([pids(container), memory(container)], ['50', String(64 * MiB)]);
  },
  { knownDifferences: { crun: 'stops half-way' } },
);

test(
  'a created and a paused container, but not a stopped or missing one',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    await container.create();
    succeeded(t, await update(container, '--pids-limit', '31'));
    await container.start();
    t.equal(pids(container), '31');
    await container.verb('pause');
    succeeded(t, await update(container, '--pids-limit', '32'));
    t.equal(pids(container), '32');
    t.equal((await container.state()).status, 'paused');
    await container.kill();
    await container.waitFor('stopped');
    failed(t, await update(container, '--pids-limit', '33'), /container not running/);
    failed(t, await box.runtime(['update', '--pids-limit', '33', `${box.name}-none`]), /does not exist/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'devices: what the new list allows, and nothing else',
  async (t, box) => {
    const fuse = { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' };
    const container = await box.running((config) => {
      config.process.args = shell('mknod /tmp/fuse c 10 229; echo > /up; while :; do sleep 1; done');
      config.process.capabilities = { bounding: ['CAP_MKNOD'], effective: ['CAP_MKNOD'], permitted: ['CAP_MKNOD'] };
      config.linux.resources = { devices: [{ allow: false }, { allow: true, type: 'c', access: 'm' }] };
    });
    await container.waitForFile('up');
    const opens = async (name: string): Promise<string> =>
      (await box.runtime(['exec', container.id, 'sh', '-c', `: < /tmp/${name}`])).stderr;
    t.match(await opens('fuse'), /not permitted/);
    succeeded(t, await withFile(box, container, { devices: [{ allow: false }, fuse] }));
    t.notMatch(await opens('fuse'), /not permitted/);
    succeeded(t, await withFile(box, container, { devices: [{ allow: false }] }));
    t.match(await opens('fuse'), /not permitted/);
    t.equal((await box.runtime(['exec', container.id, 'sh', '-c', 'echo x > /dev/null; echo $?'])).stdout, '0\n');
  },
  { knownDifferences: { runc: 'ignores devices in update', crun: 'ignores devices in update' } },
);

test(
  'exec works as before, with a changed config',
  async (t, box) => {
    const container = await box.running((config) => {
      config.process.rlimits = [{ type: 'RLIMIT_CORE', soft: 18446744073709551615n, hard: 18446744073709551615n }];
      config.linux.resources = { memory: { limit: 64 * MiB, swap: 128 * MiB } };
    });
    succeeded(t, await update(container, '--memory', '100M'));
    succeeded(t, await update(container, '--pids-limit', '100'));
    const result = await box.runtime(['exec', container.id, 'sh', '-c', 'ulimit -c']);
    succeeded(t, result);
    t.equal(result.stdout, 'unlimited\n');
  },
  { knownDifferences: { 'crun 1.8': 'takes bytes alone' } },
);
