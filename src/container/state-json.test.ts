import fc from 'fast-check';
import t from 'tap';
import { parseRecord, UnreadableRecord, type Unreadable } from './state-json.js';
import { currentVersion } from './record.js';

/** As the first release wrote it. */
const first = {
  version: 1,
  ociVersion: '1.0.2',
  id: 'web',
  bundle: '/bundle',
  rootfs: '/bundle/rootfs',
  created: '2025-11-20T10:00:00.000Z',
  owner: 0,
  annotations: { key: 'value' },
  status: 'created',
  creator: { pid: 10, startTime: 100 },
  init: { pid: 11, startTime: 101 },
  hasProcess: true,
  sharesPids: false,
  cgroups: [
    { path: '/sys/fs/cgroup/cpu,cpuacct/web', fresh: true, parent: false },
    { path: '/sys/fs/cgroup/perf_event/web', fresh: true, parent: false },
    { path: '/sys/fs/cgroup/systemd/web', fresh: true, parent: false },
    { path: '/sys/fs/cgroup/unified/web', fresh: true, parent: false },
  ],
  hostMount: null,
  poststart: [],
  poststop: [{ path: '/bin/true', args: ['true'], env: [], timeoutMs: 0, pointer: '/hooks/poststop/0' }],
  late: [{ index: 30, operation: 'Park', pointer: '' }],
};

/** As written by the last release that called it version 1. */
const lastOfFirst = {
  ...first,
  cgroups: [{ path: '/sys/fs/cgroup/web', controller: '', fresh: true, parent: false }],
  unit: { manager: 'system', name: 'web.scope', fresh: true },
  rdt: { groups: ['/sys/fs/resctrl/web'], made: ['/sys/fs/resctrl/web'] },
  noNewKeyring: true,
  seccompListener: { path: '/run/agent', metadata: '' },
  timeNamespace: true,
};

const second = { ...lastOfFirst, version: 2 };

const { late: startSteps, ...unchanged } = second;
const third = { ...unchanged, startSteps, version: 3, boot: '5d0a3a4e-6f0c-4b5e-9d7e-0c5f5f1f7a11' };
const criu = { pid: 12, startTime: 102, paused: false };
const current = { ...third, version: currentVersion, abandoned: true, criu };

t.test('in a record of the first version, what did not exist then is not done', (t) => {
  const record = parseRecord(JSON.stringify(first), 'web');
  const { late, ...rest } = first;
  t.same(record, {
    ...rest,
    version: currentVersion,
    startSteps: late,
    unit: null,
    rdt: null,
    noNewKeyring: false,
    seccompListener: null,
    cgroups: [
      { controller: 'cpu,cpuacct', ...first.cgroups[0] },
      { controller: 'perf_event', ...first.cgroups[1] },
      { controller: 'name=systemd', ...first.cgroups[2] },
      { controller: '', ...first.cgroups[3] },
    ],
  });
  const cgroups = [{ path: '/sys/fs/cgroup/systemd/web', fresh: true, parent: false }];
  t.equal(parseRecord(JSON.stringify({ ...first, cgroups }), 'web').cgroups[0]?.controller, '', 'on v2, a name like any other');
  t.end();
});

t.test('the content of an older record stays', (t) => {
  for (const record of [lastOfFirst, second])
    t.same(parseRecord(JSON.stringify(record), 'web'), { ...unchanged, startSteps, version: currentVersion });
  t.same(parseRecord(JSON.stringify(third), 'web'), { ...third, version: currentVersion });
  t.end();
});

t.test('a current one is taken as it is, with unknown fields', (t) => {
  t.same(parseRecord(JSON.stringify({ ...current, later: 1 }), 'web'), { ...current, later: 1 });
  t.end();
});

function why(text: string): Unreadable | undefined {
  try {
    parseRecord(text, 'web');
    return undefined;
  } catch (caught) {
    if (caught instanceof UnreadableRecord) return caught.why;
    throw caught;
  }
}

t.test('newer: refused, whatever it contains', (t) => {
  t.equal(why(JSON.stringify({ version: currentVersion + 1 })), 'newer');
  t.equal(why(JSON.stringify({ ...current, version: 1000, init: 'elsewhere' })), 'newer');
  t.end();
});

t.test('foreign: an object without a version', (t) => {
  // An abridged one of runc.
  t.equal(why(JSON.stringify({ id: 'web', init_process_pid: 5, config: { version: '1.3.0' } })), 'foreign');
  t.equal(why('{}'), 'foreign');
  t.end();
});

t.test('broken: everything else', (t) => {
  const text = JSON.stringify(current);
  for (let length = 0; length < text.length; length += 7)
    t.equal(why(text.slice(0, length)), 'broken', `the first ${length} bytes`);
  const rows: Record<string, unknown> = {
    version: ['2', null, 0, 1.5],
    id: ['other', undefined],
    status: ['stopped', undefined],
    creator: [null, undefined, 5, { pid: 1 }],
    init: [undefined, { pid: '1', startTime: 1 }, []],
    criu: [null, 5, { pid: 1, startTime: 1 }, { pid: 'x', startTime: 1, paused: true }, { paused: true }],
    cgroups: [
      undefined,
      null,
      {},
      [null],
      [{ path: 'relative', fresh: true }],
      [{ path: '/x' }],
      [{ path: '/x', controller: 5, fresh: true }],
    ],
    unit: [undefined, {}, { manager: 'other', name: 'x' }],
    rdt: [undefined, {}, { groups: [], made: ['relative'] }],
    hostMount: [undefined, 1, 'relative'],
    poststart: [undefined, [{}], [{ path: '/x' }]],
    poststop: [undefined, 'x'],
    startSteps: [undefined],
    annotations: [null, []],
  };
  for (const [field, values] of Object.entries(rows)) {
    for (const value of values as unknown[])
      t.equal(why(JSON.stringify({ ...current, [field]: value })), 'broken', `${field}: ${JSON.stringify(value)}`);
  }
  for (const other of ['[]', 'null', '1', '"x"', '', ' ']) t.equal(why(other), 'broken', other);
  t.equal(why(JSON.stringify({ ...first, cgroups: 5 })), 'broken', 'an older one, too');
  t.end();
});

/** A record of any version with one field replaced, removed or added, at any depth. */
const damaged = fc
  .tuple(fc.constantFrom(first, lastOfFirst, second, third, current), fc.nat(), fc.jsonValue(), fc.boolean())
  .map(([record, at, value, remove]) => {
    const text = JSON.stringify(record);
    let [count, seen] = [0, 0];
    JSON.parse(text, () => (count += 1));
    return JSON.stringify(
      JSON.parse(text, (_key, old: unknown) => (seen++ === at % count ? (remove ? undefined : value) : old)) ?? null,
    );
  });

t.test('a damaged record of any version is read or refused, and its paths and processes can be trusted', (t) => {
  const property = fc.property(fc.oneof(damaged, fc.json(), fc.string()), (text) => {
    try {
      const { init, criu, cgroups, poststop, rdt } = parseRecord(text, 'web');
      return (
        (init === null || Number.isSafeInteger(init.pid)) &&
        (criu === undefined || Number.isSafeInteger(criu.pid)) &&
        cgroups.every(({ path, controller }) => path.startsWith('/') && typeof controller === 'string') &&
        poststop.every(({ path }) => typeof path === 'string') &&
        (rdt === null || rdt.made.every((path) => path.startsWith('/')))
      );
    } catch (caught) {
      return caught instanceof UnreadableRecord;
    }
  });
  fc.assert(property, { numRuns: 2000 });
  t.end();
});
