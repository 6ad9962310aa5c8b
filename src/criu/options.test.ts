import t from 'tap';
import { factsOf, options as planOptions, specOf } from '../plan/fixtures.js';
import { resolve } from '../plan/resolve.js';
import type { Spec } from '../plan/spec-types.js';
import {
  dumpOptions,
  externalSources,
  namespaceFiles,
  restoreOptions,
  type CriuFlags,
  type DumpFlags,
  type DumpSubject,
  type RestoreFlags,
  type RestoreSubject,
} from './options.js';

const none: CriuFlags = {
  tcpEstablished: false,
  tcpClose: false,
  extUnixSk: false,
  shellJob: false,
  fileLocks: false,
  autoDedup: false,
  lazyPages: false,
  cgroupMode: '',
  networkLock: null,
};
const dumpNone: DumpFlags = {
  ...none,
  leaveRunning: false,
  preDump: false,
  tcpSkipInFlight: false,
  linkRemap: false,
  pageServer: null,
  parentPath: null,
};
const restoreNone: RestoreFlags = { ...none, lsmProfile: null, lsmMountContext: null };

const subject: DumpSubject = {
  spec: specOf(),
  pid: 42,
  rootfs: '/bundle/rootfs',
  external: [['/data', '/data']],
  descriptors: ['file[18:4]', 'pipe:[1]', 'pipe:[1]'],
  freezer: '/sys/fs/cgroup/c1',
  namespaceOf: (file) => `${file}:[4026531840]`,
};

t.test('a dump without flags', (t) => {
  t.strictSame(dumpOptions(dumpNone, subject), {
    logLevel: 4,
    notifyScripts: true,
    orphanPtsMaster: true,
    manageCgroups: true,
    manageCgroupsMode: 6,
    emptyNs: 0x4000_0000,
    tcpEstablished: false,
    tcpClose: false,
    extUnixSk: false,
    shellJob: false,
    fileLocks: false,
    autoDedup: false,
    lazyPages: false,
    configFile: '/etc/criu/runc.conf',
    logFile: 'dump.log',
    pid: 42,
    root: '/bundle/rootfs',
    leaveRunning: false,
    tcpSkipInFlight: false,
    linkRemap: false,
    freezeCgroup: '/sys/fs/cgroup/c1',
    external: ['file[18:4]'],
    extMnt: [{ key: '/data', val: '/data' }],
  });
  t.end();
});

t.test('flags that both commands have', (t) => {
  const table: [Partial<CriuFlags>, object][] = [
    [{ tcpEstablished: true }, { tcpEstablished: true }],
    [{ tcpClose: true }, { tcpClose: true }],
    [{ extUnixSk: true }, { extUnixSk: true }],
    [{ shellJob: true }, { shellJob: true }],
    [{ fileLocks: true }, { fileLocks: true }],
    [{ autoDedup: true }, { autoDedup: true }],
    [{ lazyPages: true }, { lazyPages: true }],
    [{ cgroupMode: 'ignore' }, { manageCgroupsMode: 0 }],
    [{ cgroupMode: 'soft' }, { manageCgroupsMode: 3 }],
    [{ cgroupMode: 'full' }, { manageCgroupsMode: 4 }],
    [{ cgroupMode: 'strict' }, { manageCgroupsMode: 5 }],
    [{ networkLock: 'iptables' }, { networkLock: 1 }],
    [{ networkLock: 'nftables' }, { networkLock: 2 }],
    [{ networkLock: 'skip' }, { networkLock: 3 }],
  ];
  for (const [flags, expected] of table) {
    t.match(dumpOptions({ ...dumpNone, ...flags }, subject), expected, JSON.stringify(flags));
    t.match(restoreOptions({ ...restoreNone, ...flags }, restoreSubject(specOf())), expected, JSON.stringify(flags));
  }
  t.end();
});

t.test('flags of checkpoint', (t) => {
  const table: [Partial<DumpFlags>, object][] = [
    [{ leaveRunning: true }, { leaveRunning: true }],
    [{ tcpSkipInFlight: true }, { tcpSkipInFlight: true }],
    [{ linkRemap: true }, { linkRemap: true }],
    [{ pageServer: { address: '10.0.0.1', port: 9876 } }, { ps: { address: '10.0.0.1', port: 9876 } }],
    [{ parentPath: '../first' }, { parentImg: '../first', trackMem: true }],
    [{ preDump: true }, { trackMem: true, extMnt: [], external: [] }],
  ];
  for (const [flags, expected] of table)
    t.match(dumpOptions({ ...dumpNone, ...flags }, subject), expected, JSON.stringify(flags));
  t.equal(dumpOptions(dumpNone, { ...subject, freezer: null }).freezeCgroup, undefined, 'no freezer');
  t.end();
});

t.test('the configuration that overrides', (t) => {
  for (const [annotations, expected] of [
    [{}, '/etc/criu/runc.conf'],
    [{ 'org.criu.config': '/etc/mine.conf' }, '/etc/mine.conf'],
    [{ 'org.criu.config': '' }, undefined],
  ] as const)
    t.equal(dumpOptions(dumpNone, { ...subject, spec: specOf({ root: { annotations } }) }).configFile, expected);
  t.end();
});

const joined = specOf({
  linux: {
    namespaces: [
      { type: 'mount' },
      { type: 'pid', path: '/proc/7/ns/pid' },
      { type: 'network', path: '/run/netns/a' },
      { type: 'ipc', path: '/proc/7/ns/ipc' },
      { type: 'uts' },
    ],
  },
});

t.test('joined namespaces', (t) => {
  t.match(dumpOptions(dumpNone, { ...subject, spec: joined }).external, [
    'net[4026531840]:extRootNetNS',
    'pid[4026531840]:extRootPidNS',
    'file[18:4]',
  ]);
  t.strictSame(namespaceFiles(joined), [
    { type: 'network', path: '/run/netns/a' },
    { type: 'pid', path: '/proc/7/ns/pid' },
  ]);
  const { inheritFd, joinNs } = restoreOptions(restoreNone, { ...restoreSubject(joined), namespaceFds: { network: 4, pid: 5 } });
  t.strictSame(inheritFd, [
    { key: 'extRootNetNS', fd: 4 },
    { key: 'extRootPidNS', fd: 5 },
    { key: 'pipe:[1]', fd: 1 },
  ]);
  t.strictSame(joinNs, [{ ns: 'ipc', nsFile: '/proc/7/ns/ipc' }]);
  t.end();
});

function restoreSubject(spec: Spec, layout: 'v1' | 'v2' = 'v2'): RestoreSubject {
  const plan = resolve(spec, factsOf(layout), planOptions);
  return { spec, plan, descriptors: ['/dev/pts/0', 'pipe:[1]'], external: [['/data', '/host']], namespaceFds: {} };
}

t.test('a restore', (t) => {
  const spec = specOf({ linux: { cgroupsPath: '/c1' } });
  t.match(restoreOptions({ ...restoreNone, lsmProfile: 'apparmor:x', lsmMountContext: 'y' }, restoreSubject(spec)), {
    logFile: 'restore.log',
    root: '/bundle/rootfs',
    rstSibling: true,
    evasiveDevices: true,
    lsmProfile: 'apparmor:x',
    lsmMountContext: 'y',
    extMnt: [{ key: '/data', val: '/host' }],
    inheritFd: [{ key: 'pipe:[1]', fd: 1 }],
    cgRoot: [{ path: '/c1' }],
  });
  const { cgRoot } = restoreOptions(restoreNone, restoreSubject(spec, 'v1'));
  t.match(
    cgRoot?.find(({ ctrl }) => ctrl === 'memory'),
    { path: '/c1' },
  );
  t.equal(cgRoot?.length, 10, 'one for each hierarchy');
  t.strictSame(restoreOptions({ ...restoreNone, cgroupMode: 'ignore' }, restoreSubject(spec)).cgRoot, [], 'ignore');
  t.end();
});

t.test('what replaces external mounts', (t) => {
  const spec = specOf({
    root: {
      mounts: [
        { destination: '/var/run/data', type: 'bind', source: 'data' },
        { destination: '/sys/fs/cgroup', type: 'cgroup' },
      ],
    },
    linux: { cgroupsPath: '/c1', devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229 }] },
  });
  const { plan } = restoreSubject(spec, 'v1');
  const sources = new Map(externalSources(plan, spec, (path) => path.replace('/var/run', '/run')));
  t.equal(sources.get('/run/data'), '/bundle/data', 'a bind mount, by its real place');
  t.equal(sources.get('/sys/fs/cgroup/memory'), '/sys/fs/cgroup/memory/c1', 'a cgroup of v1');
  t.equal(sources.get('/dev/null'), '/dev/null', 'a device node');
  t.equal(sources.get('/dev/fuse'), '/dev/fuse');
  t.end();
});
