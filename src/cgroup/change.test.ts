import t from 'tap';
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CgroupFile } from '../plan/plan.js';
import { Before, replaceDevices, textBefore, writeChanges, writeDevices } from './change.js';

const EINVAL = 22;
const EIO = 5;
const directory = '/cg';

interface Fake {
  readonly host: Host;
  readonly files: Map<string, string>;
  readonly programs: string[];
  /** Fails the next write after this many. */
  failAfter: number;
}

/** A cgroup whose files contain what is written to them. */
function fake(content: Readonly<Record<string, string>>): Fake {
  const files = new Map(Object.entries(content).map(([name, text]) => [`${directory}/${name}`, text]));
  const made = { files, programs: ['old'], failAfter: Infinity } as Omit<Fake, 'host'>;
  const fail = (operation: string, errno: number): never => {
    throw { operation, errno } as unknown as Error;
  };
  const count = (): void => {
    if (made.failAfter-- === 0) fail('write', EIO);
  };
  const host = {
    lstat: (path: string) => (files.has(path) ? {} : null),
    readText: (path: string) => (path.includes('devices.') ? fail('read', EINVAL) : `${files.get(path)}\n`),
    writeControl: (path: string, text: string) => {
      count();
      if (text === 'refused') fail('write', EINVAL);
      if (!path.includes('devices.')) files.set(path, text === '\n' ? '' : text);
      else files.set(`${directory}/devices.list`, `${files.get(`${directory}/devices.list`)} ${text}`);
    },
    replaceDeviceProgram: (_path: string, program: Uint8Array) => {
      count();
      made.programs.push(String(program.length));
    },
  };
  return Object.assign(made, { host: host as unknown as Host });
}

const entry = (file: string, value: string): CgroupFile => ({ file, value, pointer: `/${file}` });
const change = (file: string, value: string) => ({ directory, entry: entry(file, value) });

const rule = { allow: true, type: 'a', major: null, minor: null, access: 'rwm', pointer: '' } as const;
const recorded = [entry('devices.deny', 'a'), entry('devices.allow', 'c 1:3 r')];

function changeAll(host: Host, before: Before): void {
  writeChanges(host, [change('a.max', '5'), change('b.max', '6'), change('c.cpus', '0-3')], before);
  writeDevices(host, directory, { files: [entry('devices.allow', 'a')], recorded }, before);
  replaceDevices(host, directory, { rules: [rule], recorded: [] }, before);
  throw new PockerError('E_CGROUP', 'systemd says no');
}

t.test('whichever step fails, everything is reverted', (t) => {
  for (let after = 0; after <= 5; after++) {
    const made = fake({ 'a.max': '1', 'b.max': 'max', 'c.cpus': '', 'devices.list': '' });
    made.failAfter = after === 5 ? Infinity : after;
    const before = new Before();
    try {
      changeAll(made.host, before);
    } catch (caught) {
      const told = before.restore(caught);
      t.equal((told as PockerError).message.includes('systemd'), after === 5, `step ${after}`);
      t.notMatch((told as PockerError).message, /could not be reverted/);
    }
    const limits = ['a.max', 'b.max', 'c.cpus'].map((name) => made.files.get(`${directory}/${name}`));
    t.same(limits, ['1', 'max', '']);
    // Rules are written again, because they cannot be read.
    t.match(made.files.get(`${directory}/devices.list`), after < 3 ? /^$/ : /^( a)? a c 1:3 r$/);
    t.equal(made.programs.length, after < 5 ? 1 : 3);
  }
  t.end();
});

t.test('retries what is refused at first; reports what stays refused, with what is stuck', (t) => {
  const { host, files } = fake({ 'a.max': '1', 'b.max': '2' });
  const before = new Before();
  before.add('/stuck', () => {
    throw new Error('no');
  });
  try {
    writeChanges(host, [change('a.max', '5'), change('b.max', 'refused')], before);
    t.fail('is refused');
  } catch (caught) {
    const { message } = before.restore(caught) as PockerError;
    t.match(message, /^cannot set b\.max to "refused": .*; could not be reverted: \/stuck$/);
  }
  t.equal(files.get(`${directory}/a.max`), '1');
  t.end();
});

t.test('what restores a file', (t) => {
  for (const [file, text, value, expected] of [
    ['pids.max', 'max', '5', 'max'],
    ['cpuset.cpus', '', '0', '\n'],
    ['cpu.max', 'max 100000', '5000 20000', 'max 100000'],
    ['memory.oom_control', 'oom_kill_disable 0\nunder_oom 0', '1', '0'],
    ['blkio.throttle.read_bps_device', '8:16 5\n8:0 7', '8:0 9', '8:0 7'],
    ['blkio.throttle.read_bps_device', '', '8:0 9', '8:0 0'],
    ['io.max', '', '8:0 rbps=9', '8:0 rbps=max wbps=max riops=max wiops=max'],
    ['io.max', '8:0 rbps=9 wbps=max riops=max wiops=max', '8:0 rbps=1', '8:0 rbps=9 wbps=max riops=max wiops=max'],
    ['io.weight', 'default 100\n8:0 50', '200', 'default 100'],
    ['io.weight', 'default 100', '8:0 200', '8:0 default'],
    ['rdma.max', 'mlx hca_handle=2 hca_object=max', 'mlx hca_handle=1', 'mlx hca_handle=2 hca_object=max'],
    ['net_prio.ifpriomap', 'lo 0\neth0 5', 'lo 3', 'lo 0'],
  ] as const)
    t.equal(textBefore(file, text, value), expected, `${file}: ${value}`);
  t.end();
});
