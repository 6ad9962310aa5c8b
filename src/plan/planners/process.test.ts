import t from 'tap';
import { all, errorPointer, factsOf, names, only, planOf } from '../fixtures.js';
import type { Linux, Process } from '../spec-types.js';
import * as steps from '../step.js';
import { capabilitySets } from './capabilities.js';
import { bitList } from './bit-lists.js';
import { readEnvironment } from './process.js';
import { sysctlParts } from '../../spec/sysctl.js';

const infinity = 18_446_744_073_709_551_615n;
const processPlan = (process: Partial<Process>, facts = factsOf('v2')) => planOf({ process }, facts);

t.test('environment: the last variable of a name counts, an empty HOME counts as none', (t) => {
  t.same(readEnvironment(['A=1', 'B=2', 'A=3', 'HOME=']).list, ['B=2', 'A=3']);
  t.equal(all(processPlan({ env: ['HOME=/x'] }), steps.SetHomeT).length, 0);
  t.equal(all(processPlan({ env: ['HOME=/x', 'HOME='] }), steps.SetHomeT).length, 1);
  t.same(only(processPlan({ env: ['PATH=/a::/b'] }), steps.FindProgramT).search, ['/a', '', '/b']);
  t.same(only(processPlan({ env: [] }), steps.FindProgramT).search, ['/bin', '/usr/bin']);
  for (const env of ['A', '=x', 'A=\0'])
    t.equal(
      errorPointer(() => processPlan({ env: [env] })),
      'E_CONFIG_RULE /process/env/0',
      env,
    );
  t.end();
});

t.test('resource limits are exact, and init can live with them', (t) => {
  const core = only(processPlan({ rlimits: [{ type: 'RLIMIT_CORE', soft: infinity, hard: infinity }] }), steps.RlimitT);
  t.match(core, { resource: 4, soft: infinity, hard: infinity });
  const few = all(processPlan({ rlimits: [{ type: 'RLIMIT_NOFILE', soft: 10, hard: 100 }] }), steps.RlimitT);
  t.same(
    few.map(({ soft, hard }) => [soft, hard]),
    [
      [64n, 100n],
      [10n, 100n],
    ],
    'a few files only at the very end',
  );
  const mappings = [{ containerID: 0, hostID: 0, size: 1 }];
  const user = {
    namespaces: [{ type: 'user' as const }, { type: 'mount' as const }],
    uidMappings: mappings,
    gidMappings: mappings,
  };
  const raised = planOf({ process: { rlimits: [{ type: 'RLIMIT_NPROC', soft: 5, hard: 9 }] }, linux: user });
  t.equal(names(raised)[0], 'Rlimit', 'hard limits are raised before the user namespace');
  const cases: [Process['rlimits'], string][] = [
    [[{ type: 'RLIMIT_FOO', soft: 1, hard: 1 }], '/process/rlimits/0/type'],
    [[{ type: 'RLIMIT_AS', soft: 2, hard: 1 }], '/process/rlimits/0/soft'],
    [
      [
        { type: 'RLIMIT_AS', soft: 1, hard: 1 },
        { type: 'RLIMIT_AS', soft: 1, hard: 1 },
      ],
      '/process/rlimits/1/type',
    ],
  ];
  for (const [rlimits, pointer] of cases)
    t.equal(
      errorPointer(() => processPlan({ rlimits: rlimits! })),
      `E_CONFIG_RULE ${pointer}`,
    );
  t.end();
});

t.test('capabilities', (t) => {
  t.equal(capabilitySets({ bounding: ['CAP_MAC_OVERRIDE'] }).bounding, 1n << 32n);
  const capabilities = {
    bounding: ['CAP_CHOWN', 'CAP_CHECKPOINT_RESTORE'],
    permitted: ['CAP_SYSLOG', 'CAP_AUDIT_CONTROL'],
  };
  const plan = processPlan({ capabilities });
  t.equal(only(plan, steps.DropBoundingT).keep, (1n << 40n) | 1n);
  t.match(only(plan, steps.SetCapabilitiesT), {
    permitted: (1n << 34n) | (1n << 30n),
    effective: 0n,
    inheritable: 0n,
    ambient: 0n,
  });
  const unknown = processPlan({ capabilities: { effective: ['CAP_CHOWN', 'CAP_NEW'], permitted: ['CAP_CHOWN', 'CAP_NEW'] } });
  t.match(unknown.warnings, [{ pointer: '/process/capabilities/effective/1', text: /CAP_NEW/ }], 'config.md: SHOULD NOT fail');
  t.equal(only(unknown, steps.SetCapabilitiesT).effective, 1n);
  t.equal(only(unknown, steps.FindProgramT).effective, 1n, 'used to judge the program');
  t.equal(only(processPlan({}), steps.DropBoundingT).keep, 0n, 'none without any');
  t.end();
});

t.test('what comes after the gate, in order', (t) => {
  const after = (process: Partial<Process>, startContainer: { path: string }[] = []): string[] => {
    const linux = {
      seccomp: { defaultAction: 'SCMP_ACT_ALLOW' as const, syscalls: [{ names: ['reboot'], action: 'SCMP_ACT_ERRNO' as const }] },
    };
    const plan = planOf({ process, linux, root: { hooks: { startContainer } } }, factsOf('v2'));
    return names(plan).slice(names(plan).indexOf('Park') + 1);
  };
  t.same(after({ noNewPrivileges: true }), ['ShareReport', 'SetCapabilities', 'Seccomp', 'Exec']);
  t.same(
    after({}),
    ['ShareReport', 'Seccomp', 'SetCapabilities', 'Exec'],
    'without no_new_privs the filter needs the capabilities',
  );
  t.same(after({ apparmorProfile: 'p' }), ['ShareReport', 'Seccomp', 'SetCapabilities', 'Exec'], 'a wrong label fails in create');
  t.same(
    after({ apparmorProfile: 'p' }, [{ path: '/hook' }]),
    ['ShareReport', 'Sync', 'RunHook', 'WriteProc', 'Seccomp', 'SetCapabilities', 'Exec'],
    'hooks go without it',
  );
  t.end();
});

t.test('hooks', (t) => {
  const hook = { path: '/h', args: ['h', 'x'], timeout: 3 };
  const hooks = {
    prestart: [hook],
    createRuntime: [hook, { path: '/g' }],
    createContainer: [hook],
    startContainer: [hook, { path: '/s', env: ['A=1'] }],
    poststart: [hook],
    poststop: [hook],
  };
  const plan = planOf({ root: { hooks } });
  t.same(plan.hooks.prestart, [{ path: '/h', args: ['h', 'x'], env: null, timeoutMs: 3000, pointer: '/hooks/prestart/0' }]);
  t.match(plan.hooks.createRuntime[1], { args: ['/g'], timeoutMs: 0 });
  const runs = all(plan, steps.RunHookT);
  t.same(
    runs.map(({ kind, index, env }) => [kind, index, env]),
    [
      ['createContainer', 0, []],
      ['startContainer', 0, []],
      ['startContainer', 1, ['A=1']],
    ],
  );
  t.equal(
    errorPointer(() => planOf({ root: { hooks: { poststop: [{ path: 'h' }] } } })),
    'E_CONFIG_RULE /hooks/poststop/0/path',
  );
  t.end();
});

t.test('one by one', (t) => {
  t.match(
    only(processPlan({ terminal: true, consoleSize: { height: 25, width: 80 }, user: { uid: 7, gid: 8 } }), steps.TerminalT),
    { rows: 25, columns: 80, uid: 7 },
  );
  t.equal(all(processPlan({ consoleSize: { height: 25, width: 80 } }), steps.TerminalT).length, 0);
  t.match(only(processPlan({ user: { uid: 1, gid: 2, umask: 0o77, additionalGids: [3, 4] } }), steps.SetUserT), {
    uid: 1,
    gid: 2,
    additionalGids: [3, 4],
    setGroups: true,
  });
  t.equal(only(processPlan({}), steps.UmaskT).mask, 0o22);
  t.match(only(processPlan({ oomScoreAdj: -5 }), steps.WriteProcT), {
    path: '/proc/self/oom_score_adj',
    value: '-5',
    optional: false,
  });
  t.match(
    only(processPlan({ apparmorProfile: 'p' }, factsOf('v2', { apparmor: '/proc/self/attr/apparmor' })), steps.WriteProcT),
    { path: '/proc/self/attr/apparmor/exec', value: 'exec p' },
  );
  t.match(only(processPlan({ cwd: '/a/b' }), steps.DirectoryT), { path: '/a/b' });
  t.equal(only(processPlan({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 4 } }), steps.IoPriorityT).value, 0x4004);
  t.match(
    only(
      processPlan({ scheduler: { policy: 'SCHED_FIFO', priority: 3, flags: ['SCHED_FLAG_RESET_ON_FORK'] } }),
      steps.SchedulerT,
    ),
    { policy: 1, priority: 3, flags: 1n },
  );
  t.end();
});

t.test('refused, naming the field', (t) => {
  const cases: [Partial<Process>, string][] = [
    [{ args: [] }, '/process/args'],
    [{ cwd: 'a' }, '/process/cwd'],
    [{ oomScoreAdj: 1001 }, '/process/oomScoreAdj'],
    [{ selinuxLabel: 'x' }, '/process/selinuxLabel'],
    [{ user: { umask: 0o1000 } }, '/process/user/umask'],
    [{ terminal: true, consoleSize: { height: 70_000, width: 1 } }, '/process/consoleSize/height'],
    [{ ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 8 } }, '/process/ioPriority/priority'],
    [{ scheduler: { policy: 'SCHED_OTHER', nice: 20 } }, '/process/scheduler/nice'],
    [{ scheduler: { policy: 'SCHED_OTHER', priority: 1 } }, '/process/scheduler/priority'],
    [{ scheduler: { policy: 'SCHED_IDLE', runtime: 1n } }, '/process/scheduler/runtime'],
  ];
  for (const [process, pointer] of cases)
    t.equal(
      errorPointer(() => processPlan(process)),
      `E_CONFIG_RULE ${pointer}`,
    );
  t.end();
});

t.test('linux fields', (t) => {
  const linuxPlan = (linux: Partial<Linux>, facts = factsOf('v2')) => planOf({ linux }, facts);
  t.match(only(linuxPlan({ personality: { domain: 'LINUX32' } }), steps.PersonalityT), { persona: 8n });
  t.match(
    only(linuxPlan({ memoryPolicy: { mode: 'MPOL_BIND', nodes: '0,65', flags: ['MPOL_F_STATIC_NODES'] } }), steps.MemoryPolicyT),
    { mode: 0x8002, nodes: [1n, 2n] },
  );
  t.match(only(linuxPlan({ sysctl: { 'net.ipv4.ip_forward': '1' } }), steps.WriteProcT), {
    path: '/proc/sys/net/ipv4/ip_forward',
    value: '1',
  });
  const device = { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o600, uid: 1, gid: 2 };
  const devices = all(
    linuxPlan({
      devices: [device, { path: '/dev/null', type: 'c', major: 1, minor: 3 }, { path: '/p', type: 'p', fileMode: 0o010640 }],
    }),
    steps.DeviceT,
  );
  t.match(
    devices.find(({ path }) => path === '/dev/fuse'),
    { mode: 0o020600, major: 10, minor: 229, uid: 1, gid: 2, replace: false },
  );
  t.equal(devices.find(({ path }) => path === '/p')?.mode, 0o010640, 'podman includes the file type');
  t.equal(devices.filter(({ path }) => path === '/dev/null').length, 1, 'a configured default device is made once');
  const cases: [Partial<Linux>, string][] = [
    [{ sysctl: { 'vm.swappiness': '1' } }, '/linux/sysctl/vm.swappiness'],
    [{ sysctl: { 'kernel.hostname': '1' } }, '/linux/sysctl/kernel.hostname'],
    [{ sysctl: { 'net/../kernel/x': '1' } }, '/linux/sysctl/net~1..~1kernel~1x'],
    [{ sysctl: { 'user.max_x': '1' } }, '/linux/sysctl/user.max_x'],
    [{ sysctl: { 'net.a': '1' }, namespaces: [{ type: 'network', path: '/proc/1/ns/net' }] }, '/linux/sysctl/net.a'],
    [{ maskedPaths: ['a'] }, '/linux/maskedPaths/0'],
    [{ maskedPaths: ['/a'], namespaces: [] }, '/linux/maskedPaths'],
    [{ namespaces: [{ type: 'pid' }, { type: 'pid' }] }, '/linux/namespaces/1/type'],
    [{ namespaces: [{ type: 'pid', path: 'x' }] }, '/linux/namespaces/0/path'],
    [{ namespaces: [{ type: 'user' }] }, '/linux/uidMappings'],
    [{ uidMappings: [{ containerID: 0, hostID: 0, size: 1 }] }, '/linux/uidMappings'],
    [{ timeOffsets: { monotonic: { secs: 1 } } }, '/linux/timeOffsets'],
    [{ memoryPolicy: { mode: 'MPOL_BIND' } }, '/linux/memoryPolicy/nodes'],
    [{ devices: [{ path: '/x', type: 'c', major: 1 }] }, '/linux/devices/0/minor'],
    [{ cgroupsPath: '/../' }, '/linux/cgroupsPath'],
  ];
  for (const [linux, pointer] of cases)
    t.equal(
      errorPointer(() => linuxPlan(linux)),
      `E_CONFIG_RULE ${pointer}`,
    );
  t.equal(
    errorPointer(() => linuxPlan({}, factsOf('v2', { euid: 1000 }))),
    'E_CONFIG_RULE /linux/namespaces',
  );
  t.end();
});

t.test('helpers', (t) => {
  t.same(bitList('0-3,7'), [0x8fn]);
  t.same(bitList(' 0 - 1 ,, 64,'), [3n, 1n]);
  t.same(bitList(''), []);
  for (const initial of ['3-1', 'x', '1-', '99999'])
    t.equal(
      errorPointer(() => processPlan({ execCPUAffinity: { initial } })),
      'E_CONFIG_RULE /process/execCPUAffinity/initial',
      initial,
    );
  t.same(sysctlParts('net.ipv4.conf.eno2/100.rp_filter'), ['net', 'ipv4', 'conf', 'eno2.100', 'rp_filter']);
  t.same(sysctlParts('net/ipv4/conf/eno2.100/rp_filter'), ['net', 'ipv4', 'conf', 'eno2.100', 'rp_filter']);
  t.end();
});
