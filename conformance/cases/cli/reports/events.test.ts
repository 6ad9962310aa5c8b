// events: lines of JSON in runc's format, with the numbers of the kernel's files, and OOM kills as they happen.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import { cgroupDirectory, layout, readCgroup } from '../../../harness/machine/cgroup.js';
import { patience } from '../../../harness/command.js';
import { shell } from '../../../harness/config.js';

interface Event {
  readonly type: string;
  readonly id: string;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

const MiB = 1024 * 1024;

const events = (text: string): Event[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);

test(
  '--stats: one line, and the numbers of the cgroup',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.resources = { memory: { limit: 64 * MiB }, pids: { limit: 30 } };
    });
    const result = await container.verb('events', { flags: ['--stats'] });
    succeeded(t, result);
    const [event, ...more] = events(result.stdout);
    t.same(more, []);
    t.match(event, { type: 'stats', id: container.id });
    const { cpu, memory, pids } = event?.data ?? {};
    t.same(pids, { current: 1, limit: 30 });
    t.match(memory, { usage: { limit: 64 * MiB, failcnt: 0 } });
    t.ok(Number(cpu?.['usage']?.['total']) > 0);
    const raw = readCgroup('memory', container.cgroupsPath, 'memory.stat') ?? '';
    t.same(
      Object.keys(memory?.['raw'] ?? {}).sort(),
      raw
        .split('\n')
        .map((line) => line.split(' ')[0])
        .sort(),
    );
  },
  { knownDifferences: { crun: 'has no events' } },
);

test(
  'the keys of --stats are those of runc',
  async (t, box) => {
    const container = await box.running();
    const [event] = events((await container.verb('events', { flags: ['--stats'] })).stdout);
    const keys = (value: unknown): string[] => Object.keys(value ?? {});
    t.same(keys(event?.data), ['cpu', 'cpuset', 'memory', 'pids', 'blkio', 'hugetlb', 'intel_rdt', 'network_interfaces']);
    t.same(
      keys(event?.data?.['memory'])
        .slice(-5)
        .filter((key) => key !== 'psi'),
      layout === 'v2' ? ['swap', 'kernel', 'kernelTCP', 'raw'] : ['usage', 'swap', 'kernel', 'kernelTCP', 'raw'],
    );
  },
  { knownDifferences: { crun: 'has no events' } },
);

test(
  '--interval: repeatedly, until the container stops',
  async (t, box) => {
    const container = await box.running();
    const following = container.verb('events', { flags: ['--interval=100ms'] });
    setTimeout(() => void container.kill(), 1000 * patience);
    const result = await following;
    succeeded(t, result);
    const found = events(result.stdout);
    t.ok(found.length >= 3, `${found.length} events in a second`);
    t.ok(found.every(({ type }) => type === 'stats'));
  },
  { knownDifferences: { crun: 'has no events', runc: 'ends with the cgroup, which delete removes' } },
);

test(
  'an OOM kill',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.resources = { memory: { limit: 16 * MiB, swap: 16 * MiB } };
      config.process.args = shell('until [ -e /go ]; do sleep 0.05; done; x=x; while :; do x=$x$x; done');
      config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
    });
    // More milliseconds than fit in 31 bits.
    const following = container.verb('events', { flags: ['--interval', '600h'] });
    setTimeout(() => void box.command('touch', [`${container.rootfs}/go`]), 700 * patience);
    const result = await following;
    succeeded(t, result);
    t.ok(
      events(result.stdout).some(({ type, id }) => type === 'oom' && id === container.id),
      result.stdout,
    );
    t.ok(events(result.stdout).filter(({ type }) => type === 'stats').length <= 1, 'and no statistics meanwhile', {
      events: result.stdout,
    });
  },
  {
    skip: cgroupDirectory('memory', '/') === undefined ? 'no memory controller' : false,
    knownDifferences: { crun: 'has no events', runc: 'ends with the cgroup, which delete removes' },
  },
);

test(
  'it ends when nothing reads its output any more',
  async (t, box) => {
    const container = await box.running();
    const output = openSync(box.path('ended'), 'w');
    const script = '"$0" "$@" | head -n 1; echo ended >&2';
    const { RUNTIME: runtime = 'dist/pocker-runc' } = process.env;
    const child = spawn('sh', ['-c', script, runtime, '--root', box.stateRoot, 'events', '--interval', '100ms', container.id], {
      stdio: ['ignore', 'ignore', output],
    });
    closeSync(output);
    const code = await new Promise((done) => child.once('exit', done));
    t.equal(code, 0);
    t.match(readFileSync(box.path('ended'), 'utf8'), /ended\n$/);
  },
  { knownDifferences: { crun: 'has no events' } },
);

test(
  'a container that is not running, an invalid interval',
  async (t, box) => {
    const container = await box.running();
    for (const interval of ['0s', '-1s'])
      failed(t, await container.verb('events', { flags: [`--interval=${interval}`] }), /greater than 0/);
    failed(t, await container.verb('events', { flags: ['--interval=5'] }), /for flag -interval/);
    await container.kill();
    await container.waitFor('stopped');
    failed(t, await container.verb('events', { flags: ['--stats'] }), /is not running/);
    failed(t, await box.runtime(['events', '--stats', `${box.name}-none`]), /does not exist/);
  },
  { knownDifferences: { crun: 'has no events' } },
);
