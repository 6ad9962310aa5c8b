import t from 'tap';
import { all, errorPointer, factsOf, names, only, options, planOf, specOf } from './fixtures.js';
import { hostId } from './planners/namespaces.js';
import { resolve } from './resolve.js';
import type { Spec } from './spec-types.js';
import * as steps from './step.js';

/** The output of `runc spec`, shortened where one entry says as much as ten. */
const defaultSpec: Spec = {
  ociVersion: '1.0.2-dev',
  process: {
    terminal: true,
    user: { uid: 0, gid: 0 },
    args: ['sh'],
    env: ['PATH=/usr/bin:/bin', 'TERM=xterm'],
    cwd: '/',
    capabilities: { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'], ambient: ['CAP_KILL'] },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
  },
  root: { path: 'rootfs', readonly: true },
  hostname: 'runc',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'] },
  ],
  linux: {
    resources: { devices: [{ allow: false, access: 'rwm' }] },
    namespaces: [{ type: 'pid' }, { type: 'network' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }],
    maskedPaths: ['/proc/kcore', '/sys/firmware'],
    readonlyPaths: ['/proc/bus'],
  },
};

const afterMounts = [
  ...Array<string>(6).fill('Device'),
  ...Array<string>(6).fill('Symlink'),
  'Sync',
  'EnterRoot',
  'Terminal',
  'MountAttributes',
  'Hostname',
  'ReadonlyPath',
  'MaskPath',
  'MaskPath',
  'Rlimit',
  'DropBounding',
  'Umask',
  'SetUser',
  'WorkingDirectory',
  'FindProgram',
  'SetHome',
  'NoNewPrivileges',
  'Sync',
  'Park',
  'ShareReport',
  'SetCapabilities',
  'Exec',
];
const beforeMounts = ['NotDumpable', 'NewSession', 'Loopback', 'Keyring', 'TreePropagation', 'MountRoot'];
const filesystem = 'MountFilesystem';

t.test('the default config, in the order of init', (t) => {
  const v2 = resolve(defaultSpec, factsOf('v2'), options);
  t.same(names(v2), [...beforeMounts, ...Array<string>(5).fill(filesystem), ...afterMounts]);
  const v1 = resolve(defaultSpec, factsOf('v1'), options);
  const cgroups = [
    filesystem,
    'MountBind',
    'Symlink',
    'Symlink',
    ...Array<string>(6).fill('MountBind'),
    'MountBind',
    'Symlink',
    'Symlink',
    'MountBind',
    'MountBind',
    'MountAttributes',
  ];
  t.same(names(v1), [...beforeMounts, ...Array<string>(4).fill(filesystem), ...cgroups, ...afterMounts]);
  t.equal(v2.cloneFlags, 0x6c02_0000);
  t.match(v2, {
    rootfs: '/bundle/rootfs',
    terminal: true,
    hostMounts: false,
    hasProcess: true,
    userNamespace: null,
    warnings: [],
  });
  t.end();
});

t.test('every step carries the field that it comes from', (t) => {
  const plan = resolve(defaultSpec, factsOf('v2'), options);
  const pointers = plan.steps.map(({ pointer }) => pointer);
  for (const pointer of [
    '/mounts/3',
    '/root/path',
    '/root/readonly',
    '/hostname',
    '/linux/maskedPaths/1',
    '/process/rlimits/0',
    '/process/args',
  ]) {
    t.ok(pointers.includes(pointer), pointer);
  }
  t.end();
});

t.test('a new user namespace: sources, joins, fork, maps, root', (t) => {
  const linux = {
    namespaces: [
      { type: 'user' as const },
      { type: 'mount' as const },
      { type: 'pid' as const },
      { type: 'network' as const, path: '/run/netns/a' },
    ],
    uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
    gidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
  };
  const mounts = [{ destination: '/data', source: '/srv/data', options: ['rbind'] }];
  const plan = planOf({ linux, root: { mounts } }, factsOf('v2'));
  t.same(names(plan).slice(0, 9), [
    'NotDumpable',
    'OpenSource',
    'OpenSource',
    'JoinNamespace',
    'Fork',
    'Sync',
    'BecomeRoot',
    'NewSession',
    'Keyring',
  ]);
  t.equal(plan.cloneFlags, 0, 'clone3 makes none of them');
  t.equal(only(plan, steps.ForkT).flags, 0x3002_0000);
  t.same(
    all(plan, steps.OpenSourceT).map(({ slot, path }) => [slot, path]),
    [
      [0, '/bundle/rootfs'],
      [1, '/srv/data'],
    ],
  );
  t.equal(only(plan, steps.MountRootT).slot, 0);
  t.equal(only(plan, steps.MountBindT).slot, 1);
  t.match(plan.userNamespace, { byHelper: false, denySetgroups: false });
  t.ok(
    all(plan, steps.DeviceT).every(({ bind }) => bind),
    'devices are bound, not made',
  );
  t.end();
});

t.test('ids on the host', (t) => {
  const mappings = [{ containerID: 5, hostID: 1000, size: 10 }];
  t.same(
    [4, 5, 14, 15].map((id) => hostId(mappings, id)),
    [undefined, 1000, 1009, undefined],
  );
  t.end();
});

t.test('joined namespaces', (t) => {
  const linux = {
    namespaces: [
      { type: 'mount' as const, path: '/proc/9/ns/mnt' },
      { type: 'user' as const, path: '/proc/9/ns/user' },
      { type: 'ipc' as const, path: '/proc/9/ns/ipc' },
      { type: 'uts' as const },
    ],
  };
  const joins = (euid: number): unknown[] =>
    all(planOf({ linux }, factsOf('v2', { euid, egid: euid })), steps.JoinNamespaceT).map(({ path, ahead }) =>
      ahead ? `(${String(path)})` : path,
    );
  t.same(
    joins(0),
    ['/proc/9/ns/ipc', '(/proc/9/ns/mnt)', '/proc/9/ns/user', '/proc/9/ns/mnt'],
    'root joins what the host owns first',
  );
  t.same(
    joins(1000),
    ['/proc/9/ns/user', '/proc/9/ns/ipc', '/proc/9/ns/mnt'],
    'other users get their rights from the user namespace',
  );
  const plan = planOf({ linux }, factsOf('v2'));
  t.equal(only(plan, steps.EnterRootT).method, steps.RootMethod.chroot);
  t.equal(all(plan, steps.TreePropagationT).length, 0, 'the tree of a joined mount namespace stays as it is');
  t.end();
});

t.test('the last steps of entering the root', (t) => {
  t.equal(only(planOf(), steps.EnterRootT).method, steps.RootMethod.pivot);
  t.equal(only(planOf({}, factsOf('v2'), { noPivot: true }), steps.EnterRootT).method, steps.RootMethod.move);
  const host = planOf({ linux: { namespaces: [{ type: 'pid' }] } });
  t.equal(only(host, steps.EnterRootT).method, steps.RootMethod.chroot);
  t.equal(host.hostMounts, true);
  const shared = planOf({ linux: { rootfsPropagation: 'shared' } });
  t.same(
    all(shared, steps.TreePropagationT).map(({ propagation, recursive }) => [propagation, recursive]),
    [
      [0x8_0000, true],
      [0x10_0000, false],
    ],
    'shared at last, and nothing of it before',
  );
  t.end();
});

t.test('the cgroup namespace is made once, whoever asks for it', (t) => {
  const mounts = [
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' },
    { destination: '/cg', type: 'cgroup', source: 'cgroup' },
  ];
  const namespaces = [{ type: 'mount' as const }, { type: 'cgroup' as const }];
  for (const layout of ['v1', 'hybrid', 'v2'] as const) {
    const mounted = planOf({ linux: { namespaces }, root: { mounts } }, factsOf(layout));
    t.equal(only(mounted, steps.UnshareT).flags, 0x0200_0000, layout);
  }
  t.end();
});

t.test('created without a process and without a linux section', (t) => {
  const { process: _process, ...bare } = specOf();
  const plan = resolve(bare, factsOf('v2'), options);
  t.equal(plan.hasProcess, false);
  t.same(names(plan).slice(-2), ['Sync', 'Park']);
  t.equal(
    errorPointer(() => resolve({ ociVersion: '1.0.0', root: { path: 'r' } }, factsOf('v2'), options)),
    'none',
  );
  t.end();
});
