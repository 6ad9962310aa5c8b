import t from 'tap';
import { all, blamed, factsOf, only, planOf } from '../fixtures.js';
import type { Mount } from '../spec-types.js';
import { MountAttributesT, MountBindT, MountFilesystemT, SymlinkT } from '../step.js';
import { mountOptions } from '../tables/mounts.js';
import { parseOptions } from './mount-options.js';

const plan = (mounts: Mount[], layout: 'v1' | 'hybrid' | 'v2' = 'v2') => planOf({ root: { mounts } }, factsOf(layout));

t.test('options, one by one and overriding each other', (t) => {
  const cases: [options: string[], expected: object][] = [
    [['ro'], { set: 1, clear: 0 }],
    [['rw'], { set: 0, clear: 1 }],
    [['ro', 'rw'], { set: 0, clear: 1 }],
    [['nosuid', 'nodev', 'noexec', 'nosymfollow', 'nodiratime'], { set: 0x20_008e, clear: 0 }],
    [['noexec', 'exec'], { set: 0, clear: 8 }],
    [['noatime'], { set: 0x10, clear: 0x70 }],
    [['strictatime', 'noatime'], { set: 0x10, clear: 0x70 }],
    [['relatime'], { set: 0, clear: 0x70 }],
    [['noatime', 'atime'], { set: 0, clear: 0x70 }],
    [['strictatime', 'norelatime'], { set: 0x20, clear: 0x70 }],
    [['sync', 'dirsync', 'mand', 'lazytime', 'iversion', 'silent'], { flags: 0x280_80d0 }],
    [['sync', 'async'], { flags: 0 }],
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

t.test('all of the specification and nothing else', (t) => {
  // config.md, "Linux mount options".
  const specified =
    'async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap rnodev';
  t.same([...mountOptions.keys()].sort(), specified.split(' ').sort());
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
  t.match(only(made, MountAttributesT), { target: '/data', propagation: 0x10_0000 }, 'further propagation is a step of its own');
  t.equal(all(plan([{ destination: '/a', source: '/b', type: 'bind' }]), MountBindT).length, 1, 'by type, too');
  t.end();
});

t.test('remounts', (t) => {
  t.match(only(plan([{ destination: '/a', options: ['remount', 'bind', 'ro'] }]), MountAttributesT), {
    target: '/a',
    attributesSet: 1n,
    flags: 0,
  });
  t.match(only(plan([{ destination: '/a', type: 'tmpfs', options: ['remount', 'ro'] }]), MountAttributesT), {
    attributesSet: 1n,
    flags: 1,
  });
  t.end();
});

t.test('refused, with the field', (t) => {
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
    [{ destination: '/a', source: '/b\0', options: ['bind'] }, 'E_CONFIG_RULE /mounts/0'],
    [{ destination: '/a', source: '/b', options: ['bind', 'idmap'] }, 'E_CONFIG_RULE /mounts/0/options'],
    [
      { destination: '/a', source: '/b', options: ['bind'], uidMappings: [{ containerID: 0, hostID: 0, size: 1 }] },
      'E_UNSUPPORTED /mounts/0/uidMappings',
    ],
    [{ destination: '/a', type: 'tmpfs', options: ['remount', 'size=1'] }, 'E_UNSUPPORTED /mounts/0/options'],
  ];
  for (const [mount, expected] of cases)
    t.equal(
      blamed(() => plan([mount])),
      expected,
      JSON.stringify(mount),
    );
  t.end();
});

t.test('cgroup mounts of every kind of machine', (t) => {
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
    blamed(() => planOf({ root: { mounts } }, factsOf('none'))),
    'E_CONFIG_RULE /mounts/0',
  );
  t.end();
});
