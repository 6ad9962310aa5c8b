import t from 'tap';
import { advice, rules, textRules } from './rules.js';
import type { Spec } from './rule.js';

type Fields = Partial<Spec>;

const minimal: Spec = { ociVersion: '1.3.0', root: { path: 'rootfs' } };

/** "rule at pointer: message" of all rules that the config breaks. */
function broken(fields: Fields, list = rules): string[] {
  const spec = { ...minimal, ...fields };
  return list.flatMap((rule) => rule.check(spec).map(({ pointer, message }) => `${rule.name} at ${pointer}: ${message}`));
}

const mapping = { containerID: 0, hostID: 1000, size: 10 };
const user = [{ type: 'user' as const }];
const mapped = { uidMappings: [mapping], gidMappings: [mapping] };
const sh = { cwd: '/', args: ['sh'] };

/** One row for each rule: a config that breaks only this rule, and where. */
const table: readonly (readonly [rule: string, pointer: string, fields: Fields])[] = [
  ['oci-version', '/ociVersion', { ociVersion: '1.0' }],
  ['oci-version', '/ociVersion', { ociVersion: '2.0.0' }],
  ['oci-version', '/ociVersion', { ociVersion: '0.5.0' }],
  ['mount-destination', '/mounts/0/destination', { mounts: [{ destination: '' }] }],
  ['mount-mappings-together', '/mounts/0/uidMappings', { mounts: [{ destination: '/a', uidMappings: [mapping] }] }],
  ['idmap-mount', '/mounts/0/options', { mounts: [{ destination: '/a', options: ['bind', 'idmap'] }] }],
  [
    'mappings-ranges',
    '/linux/uidMappings/1/size',
    {
      linux: {
        namespaces: user,
        uidMappings: [mapping, { containerID: 2 ** 32 - 10, hostID: 5000, size: 10 }],
        gidMappings: [mapping],
      },
    },
  ],
  ['unified-keys', '/linux/resources/unified/memory..high', { linux: { resources: { unified: { 'memory..high': '1' } } } }],
  [
    'net-devices-names',
    '/linux/netDevices/name-of-16-bytes',
    { linux: { namespaces: [{ type: 'network' }], netDevices: { 'name-of-16-bytes': {} } } },
  ],
  ['mappings-ids', '/process/user/uid', { process: { ...sh, user: { uid: 10 } }, linux: { namespaces: user, ...mapped } }],
  ['mappings-ids', '/process/user/gid', { process: { ...sh, user: { gid: 10 } }, linux: { namespaces: user, ...mapped } }],
  ['memory-sizes', '/linux/resources/memory/limit', { linux: { resources: { memory: { limit: -2 } } } }],
  ['swappiness', '/linux/resources/memory/swappiness', { linux: { resources: { memory: { swappiness: 101 } } } }],
  [
    'device-rules',
    '/linux/resources/devices/0/access',
    { linux: { resources: { devices: [{ allow: true, type: 'c', major: 1, minor: 3 }] } } },
  ],
  ['hook-path-absolute', '/hooks/poststop/0/path', { hooks: { poststop: [{ path: 'true' }] } }],
  ['hook-timeout', '/hooks/prestart/0/timeout', { hooks: { prestart: [{ path: '/t', timeout: 1e20 }] } }],
  ['hook-env', '/hooks/prestart/0/env/1', { hooks: { prestart: [{ path: '/t', env: ['A=', 'B'] }] } }],
  ['annotation-key', '/annotations/', { annotations: { '': 'x' } }],
  ['masked-paths', '/linux/maskedPaths', { linux: { maskedPaths: ['/proc/kcore'] } }],
  ['masked-paths', '/linux/maskedPaths/0', { linux: { namespaces: [{ type: 'mount' }], maskedPaths: ['kcore'] } }],
  ['readonly-paths', '/linux/readonlyPaths', { linux: { readonlyPaths: ['/proc/sys'] } }],
  ['cwd-absolute', '/process/cwd', { process: { cwd: 'a', args: ['sh'] } }],
  ['args-not-empty', '/process/args', { process: { cwd: '/' } }],
  ['env-variables', '/process/env/0', { process: { ...sh, env: ['=x'] } }],
  [
    'rlimit-once',
    '/process/rlimits/1/type',
    { process: { ...sh, rlimits: [1, 2].map((soft) => ({ type: 'RLIMIT_CPU', soft, hard: 2 })) } },
  ],
  [
    'rlimit-soft',
    '/process/rlimits/0/soft',
    { process: { ...sh, rlimits: [{ type: 'RLIMIT_CPU', soft: 18446744073709551615n, hard: 2 }] } },
  ],
  ['console-size', '/process/consoleSize/width', { process: { ...sh, consoleSize: { height: 1, width: 65_536 } } }],
  ['oom-score-adj', '/process/oomScoreAdj', { process: { ...sh, oomScoreAdj: 1001 } }],
  ['user-ids', '/process/user/uid', { process: { ...sh, user: { uid: 4294967295 } } }],
  ['user-ids', '/process/user/gid', { process: { ...sh, user: { gid: 4294967295 } } }],
  ['user-ids', '/process/user/additionalGids/1', { process: { ...sh, user: { additionalGids: [1, 4294967295] } } }],
  ['umask', '/process/user/umask', { process: { ...sh, user: { umask: 512 } } }],
  [
    'effective-capabilities',
    '/process/capabilities/effective/0',
    { process: { ...sh, capabilities: { effective: ['CAP_KILL'] } } },
  ],
  ['scheduler-nice', '/process/scheduler/nice', { process: { ...sh, scheduler: { policy: 'SCHED_OTHER', nice: 20 } } }],
  ['scheduler-priority', '/process/scheduler/priority', { process: { ...sh, scheduler: { policy: 'SCHED_IDLE', priority: 1 } } }],
  ['scheduler-priority', '/process/scheduler/priority', { process: { ...sh, scheduler: { policy: 'SCHED_RR', priority: 100 } } }],
  ['scheduler-deadline', '/process/scheduler/runtime', { process: { ...sh, scheduler: { policy: 'SCHED_FIFO', runtime: 1 } } }],
  ['io-priority', '/process/ioPriority/priority', { process: { ...sh, ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 8 } } }],
  ['cpu-affinity', '/process/execCPUAffinity/initial', { process: { ...sh, execCPUAffinity: { initial: '3-1' } } }],
  ['memory-policy', '/linux/memoryPolicy/nodes', { linux: { memoryPolicy: { mode: 'MPOL_BIND' } } }],
  ['memory-policy', '/linux/memoryPolicy/nodes', { linux: { memoryPolicy: { mode: 'MPOL_LOCAL', nodes: '0' } } }],
  ['namespace-once', '/linux/namespaces/1/type', { linux: { namespaces: [{ type: 'pid' }, { type: 'pid' }] } }],
  ['namespace-path', '/linux/namespaces/0/path', { linux: { namespaces: [{ type: 'pid', path: 'proc/1/ns/pid' }] } }],
  ['uts-names', '/hostname', { hostname: 'ä'.repeat(33), linux: { namespaces: [{ type: 'uts' }] } }],
  ['device-numbers', '/linux/devices/0/minor', { linux: { devices: [{ path: '/x', type: 'c', major: 1, minor: 2 ** 32 }] } }],
  ['hostname-namespace', '/hostname', { hostname: 'a' }],
  ['domainname-namespace', '/domainname', { domainname: 'a' }],
  ['time-offsets-namespace', '/linux/timeOffsets', { linux: { timeOffsets: {} } }],
  ['time-offsets-namespace', '/linux/timeOffsets', { linux: { timeOffsets: {}, namespaces: [{ type: 'time', path: '/t' }] } }],
  [
    'time-offsets-range',
    '/linux/timeOffsets/boottime/nanosecs',
    { linux: { namespaces: [{ type: 'time' }], timeOffsets: { boottime: { nanosecs: 1e9 } } } },
  ],
  [
    'time-offsets-clock',
    '/linux/timeOffsets/realtime',
    { linux: { namespaces: [{ type: 'time' }], timeOffsets: { realtime: { secs: 1 } } as object } },
  ],
  ['mappings-namespace', '/linux/uidMappings', { linux: { uidMappings: [mapping] } }],
  ['mappings-namespace', '/linux/gidMappings', { linux: { namespaces: user, uidMappings: [mapping] } }],
  [
    'mappings-ranges',
    '/linux/uidMappings/0/size',
    { linux: { namespaces: user, gidMappings: [mapping], uidMappings: [{ ...mapping, size: 0 }, mapping] } },
  ],
  [
    'mappings-ranges',
    '/linux/uidMappings/1/hostID',
    { linux: { namespaces: user, gidMappings: [mapping], uidMappings: [mapping, { containerID: 10, hostID: 1009, size: 1 }] } },
  ],
  [
    'mappings-ranges',
    '/linux/uidMappings/0/size',
    { linux: { namespaces: user, gidMappings: [mapping], uidMappings: [{ containerID: 0, hostID: 4294967290, size: 6 }] } },
  ],
  [
    'mount-mappings-ranges',
    '/mounts/0/gidMappings/0/size',
    { mounts: [{ destination: '/a', uidMappings: [mapping], gidMappings: [{ ...mapping, size: 0 }] }] },
  ],
  ['device-numbers', '/linux/devices/0/minor', { linux: { devices: [{ type: 'c', path: '/dev/x', major: 1 }] } }],
  ['device-path', '/linux/devices/0/path', { linux: { devices: [{ type: 'p', path: '' }] } }],
  ['net-devices-namespace', '/linux/netDevices', { linux: { netDevices: { eth0: {} } } }],
  ['net-devices-names', '/linux/netDevices/a~1b', { linux: { namespaces: [{ type: 'network' }], netDevices: { 'a/b': {} } } }],
  [
    'net-devices-names',
    '/linux/netDevices/b',
    { linux: { namespaces: [{ type: 'network' }], netDevices: { a: {}, b: { name: 'a' } } } },
  ],
  ['cgroups-path', '/linux/cgroupsPath', { linux: { cgroupsPath: '/a/../../b' } }],
  ['memory-swap', '/linux/resources/memory/swap', { linux: { resources: { memory: { limit: 10, swap: 9 } } } }],
  ['cpu-burst', '/linux/resources/cpu/burst', { linux: { resources: { cpu: { quota: 10, burst: 11 } } } }],
  ['cpu-idle', '/linux/resources/cpu/idle', { linux: { resources: { cpu: { idle: 2 } } } }],
  ['weights', '/linux/resources/blockIO/leafWeight', { linux: { resources: { blockIO: { weight: 10, leafWeight: 1001 } } } }],
  [
    'weight-device',
    '/linux/resources/blockIO/weightDevice/0',
    { linux: { resources: { blockIO: { weightDevice: [{ major: 1, minor: 1 }] } } } },
  ],
  [
    'throttle-rate',
    '/linux/resources/blockIO/throttleReadBpsDevice/0/rate',
    { linux: { resources: { blockIO: { throttleReadBpsDevice: [{ major: 1, minor: 1 }] } } } },
  ],
  ['rdma', '/linux/resources/rdma/mlx', { linux: { resources: { rdma: { mlx: {} } } } }],
  ['device-rules', '/linux/resources/devices/0/type', { linux: { resources: { devices: [{ allow: true, type: 'x' }] } } }],
  [
    'unified-keys',
    '/linux/resources/unified/memory.~1..~1high',
    { linux: { resources: { unified: { 'memory./../high': '1' } } } },
  ],
  ['unified-keys', '/linux/resources/unified/..', { linux: { resources: { unified: { '..': '1' } } } }],
  ['intel-rdt', '/linux/intelRdt/closID', { linux: { intelRdt: { closID: '..' } } }],
  ['intel-rdt', '/linux/intelRdt/schemata/0', { linux: { intelRdt: { schemata: ['L3:0=f\nMB:0=1'] } } }],
  ['sysctl-namespaced', '/linux/sysctl/kernel.core_pattern', { linux: { sysctl: { 'kernel.core_pattern': '|x' } } }],
  ['sysctl-namespaced', '/linux/sysctl/kernel.sem', { linux: { sysctl: { 'kernel.sem': '1' } } }],
  [
    'sysctl-namespaced',
    '/linux/sysctl/net~1..~1kernel~1core_pattern',
    { linux: { namespaces: [{ type: 'network' }], sysctl: { 'net/../kernel/core_pattern': '|x' } } },
  ],
  [
    'sysctl-namespaced',
    '/linux/sysctl/net.~1..~1..~1kernel',
    { linux: { namespaces: [{ type: 'network' }], sysctl: { 'net./../../kernel': '|x' } } },
  ],
  [
    'sysctl-namespaced',
    '/linux/sysctl/kernel.hostname',
    { linux: { namespaces: [{ type: 'uts' }], sysctl: { 'kernel.hostname': 'a' } } },
  ],
  [
    'seccomp-errno',
    '/linux/seccomp/defaultErrnoRet',
    { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 } } },
  ],
  [
    'seccomp-errno',
    '/linux/seccomp/syscalls/0/errnoRet',
    {
      linux: {
        seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 4096 }] },
      },
    },
  ],
  [
    'seccomp-argument',
    '/linux/seccomp/syscalls/0/args/0/index',
    {
      linux: {
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: ['read'], action: 'SCMP_ACT_LOG', args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] }],
        },
      },
    },
  ],
  [
    'seccomp-listener',
    '/linux/seccomp/listenerMetadata',
    { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', listenerMetadata: 'x' } } },
  ],
  [
    'seccomp-listener',
    '/linux/seccomp/listenerPath',
    { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['read'], action: 'SCMP_ACT_NOTIFY' }] } } },
  ],
];

t.test('each rule finds its violation', (tt) => {
  for (const [rule, pointer, fields] of table) {
    const found = broken(fields);
    tt.equal(found.length, 1, `${rule}: one violation`, { found });
    tt.ok(found[0]?.startsWith(`${rule} at ${pointer}: `), `${rule} at ${pointer}`, { found });
  }
  tt.strictSame(broken({ root: undefined as never }), ['root-required at /root: is missing, but required: {"path": "rootfs"}']);
  tt.end();
});

t.test('every rule has a row', (tt) => {
  const covered = new Set([...table.map(([rule]) => rule), 'root-required']);
  tt.same(
    rules.map(({ name }) => name).filter((name) => !covered.has(name)),
    [],
  );
  tt.equal(
    new Set([...rules, ...advice, ...textRules].map(({ name }) => name)).size,
    rules.length + advice.length + textRules.length,
    'names are unique',
  );
  tt.end();
});

t.test('valid configs pass', (tt) => {
  const good: readonly Fields[] = [
    { ociVersion: '1.99.0-rc.1+dev' },
    {
      hostname: '',
      domainname: '',
      linux: { maskedPaths: [], readonlyPaths: [], uidMappings: [], cgroupsPath: 'system.slice:docker:a' },
    },
    { linux: { namespaces: [{ type: 'user', path: '/proc/1/ns/user' }] } },
    {
      linux: {
        namespaces: [{ type: 'network' }, { type: 'ipc' }],
        sysctl: { 'net.ipv4.conf.eno2/100.rp_filter': '1', 'net/ipv4/conf/eno2.100/rp_filter': '1', 'fs.mqueue.msg_max': '1' },
      },
    },
    {
      linux: {
        resources: {
          memory: { limit: 100, swap: 100 },
          unified: { 'hugetlb.2MB.max': '1', 'memory.high': '1' },
          devices: [{ allow: false, access: 'rwm' }],
        },
      },
    },
    { linux: { resources: { memory: { limit: -1, swap: -1 } } } },
    { linux: { namespaces: [{ type: 'network' }], netDevices: { eth0: { name: 'eth%d' }, eth1: { name: 'eth%d' } } } },
    { process: { cwd: '/', args: [''], env: ['A=', 'A=b=c'], execCPUAffinity: { initial: '0-3, 7', final: '' } } },
    { linux: { namespaces: user, uidMappings: [mapping, { containerID: 10, hostID: 0, size: 1 }], gidMappings: [mapping] } },
    { linux: { devices: [{ type: 'p', path: '/dev/fifo' }], intelRdt: { closID: '/' } } },
  ];
  for (const fields of good) tt.same(broken(fields), [], JSON.stringify(fields));
  tt.end();
});

t.test('advice finds a relative device', (tt) => {
  tt.match(broken({ linux: { devices: [{ type: 'p', path: 'fifo' }] } }, advice), [/^device-path-absolute at/]);
  tt.end();
});
