import t from 'tap';
import { all, errorPointer, factsOf, names, only, planOf } from '../../fixtures.js';
import type { Mount } from '../../spec-types.js';
import { IdMapT, MountAttributesT, MountBindT, MountFilesystemT, OpenSourceT, SymlinkT } from '../../step.js';
import { mountOptions } from '../../tables/mounts.js';
import type { NamespaceType } from '../../tables/namespaces.js';
import { parseOptions } from './mount-options.js';

const plan = (mounts: Mount[], layout: 'v1' | 'hybrid' | 'v2' = 'v2') => planOf({ root: { mounts } }, factsOf(layout));

const bind0 = (destination: string): Mount => ({ destination, source: '/s', options: ['bind'] });
const map64k = [{ containerID: 0, hostID: 1000, size: 65_536 }];
const mapped = {
  uidMappings: [{ containerID: 0, hostID: 100, size: 1 }],
  gidMappings: [{ containerID: 0, hostID: 200, size: 2 }],
};

t.test('options, one by one and overriding each other', (t) => {
  const cases: [options: string[], expected: object][] = [
    [[], { set: 0, clear: 0, unnamed: 0 }],
    [['defaults', 'bind', 'rprivate'], { set: 0, clear: 0, unnamed: 0 }],
    [['ro'], { set: 1, clear: 0, unnamed: 0x20_000e }],
    [['rw'], { set: 0, clear: 1, unnamed: 0x20_000e }],
    [['ro', 'rw'], { set: 0, clear: 1 }],
    [['async'], { set: 0, clear: 0, unnamed: 0x20_000f }],
    [['remount'], { set: 0, clear: 0, unnamed: 0x20_000f }],
    [['nosuid', 'nodev', 'noexec', 'nosymfollow'], { set: 0x20_000e, clear: 0, unnamed: 1 }],
    [['noexec', 'exec'], { set: 0, clear: 8 }],
    [['noatime'], { set: 0x10, clear: 0xf0, timesClear: 0 }],
    [['strictatime', 'noatime'], { set: 0x20, clear: 0xf0 }],
    [['noatime', 'relatime', 'nodiratime'], { set: 0x90, clear: 0x70 }],
    [['relatime'], { set: 0, clear: 0xf0 }],
    [['noatime', 'atime'], { set: 0, clear: 0, timesClear: 0x10, unnamed: 0x20_000f }],
    [['nostrictatime', 'diratime'], { set: 0, clear: 0x80, timesClear: 0x20 }],
    [['strictatime', 'norelatime'], { set: 0x20, clear: 0xf0 }],
    [['sync', 'dirsync', 'mand', 'lazytime', 'iversion', 'silent'], { flags: 0x280_80d0 }],
    [['sync', 'async'], { flags: 0, flagsClear: 0x10 }],
    [['rro', 'rnosuid'], { recursiveSet: 3, recursiveClear: 0, set: 0 }],
    [['rro', 'rrw'], { recursiveSet: 0, recursiveClear: 1 }],
    [['rnoatime', 'rnodiratime'], { recursiveSet: 0x90, recursiveClear: 0x70 }],
    [['rstrictatime', 'rnostrictatime'], { recursiveSet: 0, recursiveClear: 0x70 }],
    [['bind'], { bind: true, recursive: false }],
    [['rbind', 'rshared'], { bind: true, recursive: true, propagation: [0x10_4000] }],
    [['remount', 'tmpcopyup', 'defaults'], { remount: true, copyUp: true, data: [] }],
    [['size=1m', 'gid=5', '', 'mode=755'], { data: ['size=1m', 'gid=5', 'mode=755'] }],
  ];
  for (const [options, expected] of cases) t.match(parseOptions(options), expected, options.join(','));
  t.end();
});

t.test('all options of the specification, and no others', (t) => {
  // config.md, "Linux mount options".
  const specified =
    'async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap rnodev';
  const ofCrun = ['copy-symlink', 'dest-nofollow', 'src-nofollow'];
  t.same([...mountOptions.keys()].sort(), [...specified.split(' '), ...ofCrun].sort());
  t.end();
});

t.test('a new filesystem', (t) => {
  const { operation } = {
    operation: only(
      plan([{ destination: 'sys', type: 'sysfs', source: 'sysfs', options: ['ro', 'noexec', 'slave'] }]),
      MountFilesystemT,
    ),
  };
  t.match(operation, {
    type: 'sysfs',
    source: 'sysfs',
    target: '/sys',
    flags: 1,
    attributesSet: 9n,
    propagation: 0x8_0000,
    refuseSymlink: true,
  });
  const deprecated = plan([{ destination: 'sys', type: 'sysfs' }]);
  t.match(deprecated.warnings, [{ pointer: '/mounts/0/destination' }], 'relative destinations are deprecated');
  t.end();
});

t.test('a read-only tmpfs or /dev stays writable while the runtime fills it', (t) => {
  const made = plan([{ destination: '/tmp', type: 'tmpfs', options: ['ro', 'nosuid'] }]);
  t.match(only(made, MountFilesystemT), { flags: 0, attributesSet: 2n });
  t.match(only(made, MountAttributesT), { target: '/tmp', attributesSet: 1n });
  t.end();
});

t.test('a tmpfs without a mode takes over that of the directory it covers', (t) => {
  const inherits = (type: string, ...options: string[]): boolean =>
    only(plan([{ destination: '/a', type, options }]), MountFilesystemT).inheritMode;
  t.same([inherits('tmpfs'), inherits('tmpfs', 'uid=1', 'tmpcopyup')], [true, true]);
  t.same([inherits('tmpfs', 'mode=700'), inherits('ramfs'), inherits('devpts')], [false, false, false]);
  t.end();
});

t.test('bind mounts', (t) => {
  const made = plan([
    { destination: '/data/', source: 'data', type: 'none', options: ['rbind', 'ro', 'exec', 'rnosuid', 'slave', 'shared'] },
  ]);
  t.match(only(made, MountBindT), {
    source: '/bundle/data',
    target: '/data',
    recursive: true,
    slot: -1,
    attributesSet: 1n,
    attributesClear: 8n,
    recursiveSet: 2n,
    propagation: 0x8_0000,
  });
  t.match(only(made, MountAttributesT), { target: '/data', propagation: 0x10_0000 }, 'further propagation is a separate step');
  t.equal(all(plan([{ destination: '/a', source: '/b', type: 'bind' }]), MountBindT).length, 1, 'by type, too');
  t.end();
});

t.test('remounts', (t) => {
  t.match(only(plan([{ destination: '/a', options: ['remount', 'bind', 'ro'] }]), MountAttributesT), {
    target: '/a',
    attributesSet: 1n,
    flags: 0,
  });
  t.match(only(plan([{ destination: '/a', type: 'ext4', options: ['remount', 'ro'] }]), MountAttributesT), {
    attributesSet: 1n,
    flags: 1,
  });
  t.match(
    all(plan([{ destination: '/a', type: 'tmpfs', options: ['remount', 'ro'] }]), MountAttributesT),
    [
      { attributesSet: 0n, flags: 0 },
      { attributesSet: 1n, flags: 0 },
    ],
    'a tmpfs at last',
  );
  t.match(
    only(
      plan([{ destination: '/a', type: 'tmpfs', options: ['remount', 'rw', 'nolazytime', 'sync', 'size=1m'] }]),
      MountAttributesT,
    ),
    { attributesClear: 1n, attributesUnnamed: 0x20_000en, flags: 0x10, flagsClear: 0x200_0041, data: ['size=1m'] },
    'what is not named is taken away',
  );
  const seldom = plan([{ destination: '/a', type: 'tmpfs', options: ['remount', 'iversion', 'loud'] }]);
  t.match(only(seldom, MountAttributesT), { flags: 0, flagsClear: 0x200_0051 });
  t.match(seldom.warnings, [{ pointer: '/mounts/0/options' }]);
  t.end();
});

t.test('id-mapped mounts', (t) => {
  const bind: Mount = { destination: '/a', source: '/b', options: ['rbind', 'ridmap'] };
  const made = plan([{ ...bind, ...mapped }, { destination: '/c', type: 'tmpfs', ...mapped }, bind0('/d')]);
  t.match(only(made, IdMapT), { slot: 0, path: null, uidMap: '0 100 1\n', gidMap: '0 200 2\n' });
  t.equal(all(made, OpenSourceT).length, 0, 'sources are opened when their turn comes');
  t.match(all(made, MountBindT), [
    { slot: -1, source: '/b', recursive: true, idMap: 0, idMapRecursive: true },
    { slot: -1, idMap: -1 },
  ]);
  t.match(only(made, MountFilesystemT), { idMap: 0 }, 'the same maps are made once');

  const user = { namespaces: [{ type: 'mount' as const }, { type: 'user' as const }], uidMappings: map64k, gidMappings: map64k };
  const inUser = planOf({ root: { mounts: [bind] }, linux: user });
  t.match(only(inUser, IdMapT), { uidMap: '0 1000 65536\n', gidMap: '0 1000 65536\n' }, 'those of the container');
  t.match(all(inUser, OpenSourceT)[1], { path: '/b', recursive: true, idMap: 0, idMapRecursive: true, deferred: false });
  t.match(only(inUser, MountBindT), { slot: 1, reopen: false, verify: true, inside: null }, 'opened with the rights of the host');
  const joined = planOf({
    root: { mounts: [bind] },
    linux: { namespaces: [{ type: 'mount' }, { type: 'user', path: '/proc/1/ns/user' }] },
  });
  t.match(only(joined, IdMapT), { path: '/proc/1/ns/user', uidMap: null });
  const order = names(joined).filter((name) => ['IdMap', 'OpenSource', 'JoinNamespace'].includes(name));
  t.equal(order[0], 'IdMap', 'while it still has the right to do so');
  t.equal(
    errorPointer(() => planOf({ root: { mounts: [bind] }, linux: user }, factsOf('v2', { euid: 1000, egid: 1000 }))),
    'E_CONFIG_RULE /mounts/0/options',
    'an ordinary user may not',
  );
  t.end();
});

t.test('binds what a user namespace may not mount', (t) => {
  const mounts = ['sysfs', 'proc', 'mqueue', 'tmpfs'].map((type) => ({
    destination: type === 'proc' ? '/proc' : `/${type}`,
    type,
  }));
  const fallbacks = (types: string[], inside = false): unknown[] => {
    const namespaces = types.map((type) => ({ type: type as 'mount' }));
    const user = types.includes('user') ? { uidMappings: map64k, gidMappings: map64k } : {};
    const made = planOf({ root: { mounts }, linux: { namespaces, ...user } }, factsOf('v2', { inUserNamespace: inside }));
    return all(made, MountFilesystemT).map(({ fallback }) => fallback);
  };
  t.same(fallbacks(['mount', 'user']), ['/sys', '/proc', '/dev/mqueue', null]);
  t.same(fallbacks(['mount', 'user', 'pid', 'ipc']), ['/sys', null, null, null], 'another namespace shows something else');
  t.same(fallbacks(['mount'], true), ['/sys', '/proc', '/dev/mqueue', null]);
  t.same(fallbacks(['mount']), [null, null, null, null]);
  t.end();
});

t.test('refused, naming the field', (t) => {
  const cases: [Mount, string][] = [
    [{ destination: '/', type: 'tmpfs' }, 'E_CONFIG_RULE /mounts/0/destination'],
    [{ destination: '/proc', type: 'tmpfs' }, 'E_CONFIG_RULE /mounts/0/destination'],
    [{ destination: '/x/../proc/self', type: 'tmpfs' }, 'E_CONFIG_RULE /mounts/0/destination'],
    [{ destination: '/proc/sys', source: '/x', options: ['bind'] }, 'E_CONFIG_RULE /mounts/0/destination'],
    [{ destination: '/proc/uptime', source: '/x', options: ['bind'] }, 'none'],
    [{ destination: '/procs', type: 'tmpfs' }, 'none'],
    [{ destination: '/a' }, 'E_CONFIG_RULE /mounts/0'],
    [{ destination: '/a', options: ['bind'] }, 'E_CONFIG_RULE /mounts/0/source'],
    [{ destination: '/a', type: 'proc', options: ['tmpcopyup'] }, 'E_CONFIG_RULE /mounts/0/options'],
    [{ destination: '/a', source: '/b\0', options: ['bind'] }, 'E_CONFIG_RULE /mounts/0/source'],
    [{ destination: '/a', source: '/b', options: ['bind', 'idmap'] }, 'E_CONFIG_RULE /mounts/0/options'],
    [{ destination: '/a', options: ['remount', 'idmap'], ...mapped }, 'E_CONFIG_RULE /mounts/0/uidMappings'],
    [{ destination: '/a', type: 'cgroup', ...mapped }, 'E_CONFIG_RULE /mounts/0/uidMappings'],
    [{ destination: '/a', type: 'tmpfs', options: ['silent'], ...mapped }, 'E_CONFIG_RULE /mounts/0/uidMappings'],
  ];
  for (const [mount, expected] of cases)
    t.equal(
      errorPointer(() => plan([mount])),
      expected,
      JSON.stringify(mount),
    );
  t.end();
});

t.test('cgroup mounts on every kind of machine', (t) => {
  const mounts = [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'ro'] }];
  const own = [{ type: 'mount' as const }, { type: 'cgroup' as const }];
  t.match(only(plan(mounts, 'v2'), MountFilesystemT), { type: 'cgroup2', flags: 0, attributesSet: 3n });
  const v1 = planOf({ root: { mounts } }, factsOf('v1'));
  t.match(all(v1, MountBindT)[0], {
    source: '/sys/fs/cgroup/cpu,cpuacct/user/c1',
    target: '/sys/fs/cgroup/cpu,cpuacct',
    attributesSet: 3n,
  });
  t.match(all(v1, SymlinkT)[0], { path: '/sys/fs/cgroup/cpu', target: 'cpu,cpuacct' });
  const hybrid = planOf({ root: { mounts }, linux: { namespaces: own } }, factsOf('hybrid'));
  const types = all(hybrid, MountFilesystemT).map(({ type, data }) => [type, data.join(',')]);
  t.same(types[0], ['tmpfs', 'mode=755']);
  t.same(types[1], ['cgroup', 'cpu,cpuacct']);
  t.same(types.slice(-2), [
    ['cgroup', 'name=systemd'],
    ['cgroup2', ''],
  ]);
  t.match(all(hybrid, MountAttributesT)[0], { target: '/sys/fs/cgroup', attributesSet: 1n });
  const mappings = [{ containerID: 0, hostID: 0, size: 1 }];
  const user = {
    namespaces: [{ type: 'mount' as const }, { type: 'user' as const }],
    uidMappings: mappings,
    gidMappings: mappings,
  };
  t.match(only(planOf({ root: { mounts }, linux: user }, factsOf('v2')), MountBindT), { source: '/sys/fs/cgroup/user.slice/c1' });
  t.equal(
    errorPointer(() => planOf({ root: { mounts } }, factsOf('none'))),
    'E_CONFIG_RULE /mounts/0',
  );
  t.end();
});

t.test('sources opened before the mount namespace is made leave the peer group of the host', (t) => {
  const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const opened = (rootfsPropagation: string | undefined, user: boolean): unknown => {
    const namespaces = [{ type: 'mount' as const }, ...(user ? [{ type: 'user' as const }] : [])];
    const maps = user ? { uidMappings: ids, gidMappings: ids } : {};
    const tree = rootfsPropagation === undefined ? {} : { rootfsPropagation: rootfsPropagation as 'shared' };
    const mounts = [{ destination: '/a', source: '/a', options: ['bind'], uidMappings: ids, gidMappings: ids }];
    const plan = planOf({ linux: { namespaces, ...maps, ...tree }, root: { mounts } });
    const [{ slave, propagation } = { slave: false, propagation: -1 }] = all(plan, OpenSourceT).reverse();
    return [slave, propagation];
  };
  t.same(opened(undefined, true), [true, 0]);
  t.same(opened('rshared', true), [true, 0]);
  t.same(opened('rshared', false), [false, -1], 'nothing is opened early');
  t.same(opened('private', true), [true, 0], 'only for the root');
  t.end();
});

t.test('a bind mount stays a peer of the host if both it and the root should be shared', (t) => {
  const opened = (option: string, rootfsPropagation: 'shared' | 'slave', types: readonly NamespaceType[]): unknown => {
    const namespaces = types.map((type) => ({ type }));
    const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    const maps = types.includes('user') ? { uidMappings: ids, gidMappings: ids } : {};
    const mounts = [{ destination: '/a', source: '/a', options: ['rbind', option] }];
    const plan = planOf({ linux: { namespaces, ...maps, rootfsPropagation }, root: { mounts } });
    const source = all(plan, OpenSourceT).find(({ path }) => path === '/a');
    return source === undefined ? 'when it is mounted' : [source.slave, source.propagation];
  };
  t.same(opened('rshared', 'shared', ['mount']), [false, 0]);
  t.same(opened('rslave', 'shared', ['mount']), 'when it is mounted');
  t.same(opened('rshared', 'slave', ['mount']), 'when it is mounted');
  t.same(opened('rshared', 'shared', ['mount', 'user']), [true, 0], 'the kernel has no such peers');
  t.same(opened('rshared', 'shared', []), 'when it is mounted', 'they are peers already');
  t.end();
});
