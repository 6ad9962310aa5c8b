// Flags of run and create, as docker's.
import type { EngineFlag } from '../command.js';
import { refusedByCreate } from './refused-flags.js';

type Row = readonly [name: string, value: string, description: string, short?: string];

const ofType =
  (type: EngineFlag['type']) =>
  ([name, value, description, short]: Row): EngineFlag => ({
    name,
    type,
    description,
    ...(value === '' ? {} : { value }),
    ...(short === undefined ? {} : { short }),
  });

const booleans: readonly Row[] = [
  ['interactive', '', 'Keep standard input open', 'i'],
  ['tty', '', 'Give it a terminal', 't'],
  ['rm', '', 'Remove the container when it ends'],
  ['init', '', 'Run a small init as process 1 that forwards signals and reaps processes'],
  ['privileged', '', 'Give it all capabilities and devices, without confinement'],
  ['read-only', '', 'Mount its root filesystem read-only'],
  ['publish-all', '', 'Publish all exposed ports to ports that are free', 'P'],
  ['oom-kill-disable', '', 'Do not kill for lack of memory'],
  ['no-healthcheck', '', "Ignore the image's health check"],
  ['quiet', '', 'Do not show the progress of a pull', 'q'],
  ['disable-content-trust', '', 'Ignored: there is no other way'],
];

const texts: readonly Row[] = [
  ['name', 'NAME', 'Name of the container'],
  ['entrypoint', 'COMMAND', "Instead of the image's entrypoint"],
  ['workdir', 'DIR', 'Working directory in the container', 'w'],
  ['user', 'USER[:GROUP]', 'Name or id', 'u'],
  ['hostname', 'NAME', 'Host name', 'h'],
  ['domainname', 'NAME', 'Domain name'],
  ['memory', 'BYTES', 'Memory limit (b, k, m, g)', 'm'],
  ['memory-swap', 'BYTES', 'Limit of memory and swap together; -1: no limit'],
  ['memory-reservation', 'BYTES', 'What it keeps when memory is short'],
  ['cpus', 'NUMBER', 'How many CPUs it may use'],
  ['cpu-shares', 'NUMBER', 'Its share beside others', 'c'],
  ['cpu-period', 'MICROSECONDS', 'Period in which --cpu-quota counts'],
  ['cpu-quota', 'MICROSECONDS', 'CPU time in each --cpu-period'],
  ['cpu-rt-period', 'MICROSECONDS', 'The same for real-time scheduling'],
  ['cpu-rt-runtime', 'MICROSECONDS', 'The same for real-time scheduling'],
  ['cpuset-cpus', 'LIST', 'CPUs that it may use (0-3,7)'],
  ['cpuset-mems', 'LIST', 'Memory nodes that it may use (0-3,7)'],
  ['memory-swappiness', 'NUMBER', 'How readily it is swapped out (0 to 100, cgroup v1)'],
  ['blkio-weight', 'NUMBER', 'Its share of disks beside others (10 to 1000)'],
  ['oom-score-adj', 'NUMBER', 'How readily it is killed for lack of memory (-1000 to 1000)'],
  ['pids-limit', 'NUMBER', 'How many processes; -1: no limit'],
  ['shm-size', 'BYTES', 'Size of /dev/shm'],
  ['restart', 'POLICY', 'no, on-failure[:N], always or unless-stopped'],
  ['stop-signal', 'SIGNAL', 'What stop sends'],
  ['stop-timeout', 'SECONDS', 'How long stop waits'],
  ['ip', 'ADDRESS', 'Address on its network'],
  ['mac-address', 'ADDRESS', 'Hardware address on its network'],
  ['userns', 'MODE', 'User namespace: host'],
  ['pid', 'MODE', 'Process ids: host or container:NAME'],
  ['ipc', 'MODE', 'Shared memory: private, none or host'],
  ['uts', 'MODE', 'Host name: host'],
  ['cgroupns', 'MODE', 'Cgroup namespace: private or host'],
  ['cgroup-parent', 'PATH', 'Its cgroups are below that one'],
  ['isolation', 'KIND', 'default'],
  ['pull', 'WHEN', 'missing, always or never'],
  ['platform', 'PLATFORM', 'Such as linux/arm64'],
  ['log-driver', 'DRIVER', 'k8s-file, json-file or none'],
  ['detach-keys', 'KEYS', 'Keys that detach (default: ctrl-p,ctrl-q)'],
  ['health-cmd', 'COMMAND', 'Tells by its exit code whether the container is well'],
  ['health-interval', 'DURATION', 'Between two checks (30s)'],
  ['health-timeout', 'DURATION', 'Limit of one check (30s)'],
  ['health-start-period', 'DURATION', 'Failures before this do not count (0s)'],
  ['health-retries', 'NUMBER', 'Failures in a row that make it unhealthy (3)'],
  ['cidfile', 'FILE', 'Write the id into this file'],
];

const lists: readonly Row[] = [
  ['env', 'NAME[=VALUE]', 'Environment variable', 'e'],
  ['env-file', 'FILE', 'File of environment variables'],
  ['volume', '[SOURCE:]TARGET[:OPTIONS]', 'Mount a directory of the host or a volume', 'v'],
  ['mount', 'TYPE,…', 'The same as type=…,source=…,target=…'],
  ['tmpfs', 'TARGET[:OPTIONS]', 'Mount a tmpfs'],
  ['volumes-from', 'CONTAINER[:ro|rw]', 'Mount what that container mounts'],
  ['publish', '[[ADDRESS:]PORT:]PORT[/PROTOCOL]', 'Publish a port', 'p'],
  ['expose', 'PORT[/PROTOCOL]', 'Expose a port'],
  ['network', 'NETWORK', 'bridge, none, host, container:NAME, or networks by name'],
  ['network-alias', 'NAME', 'Another name of it on its network'],
  ['add-host', 'NAME:ADDRESS', 'Line in /etc/hosts'],
  ['dns', 'ADDRESS', 'Name server'],
  ['dns-search', 'DOMAIN', 'Search domain'],
  ['dns-option', 'OPTION', 'Option of resolv.conf'],
  ['cap-add', 'CAPABILITY', 'Add a capability, or ALL'],
  ['cap-drop', 'CAPABILITY', 'Drop a capability, or ALL'],
  ['security-opt', 'OPTION', 'no-new-privileges, seccomp=unconfined|builtin|FILE, apparmor=PROFILE'],
  ['group-add', 'GROUP', 'Additional group'],
  ['device', 'PATH[:PATH[:rwm]]', 'Device of the host'],
  ['device-cgroup-rule', 'RULE', 'Devices that it may use: "c 42:* rwm"'],
  ['device-read-bps', 'PATH:BYTES', 'Limit of reads from a device, in a second'],
  ['device-write-bps', 'PATH:BYTES', 'Limit of writes to a device, in a second'],
  ['device-read-iops', 'PATH:NUMBER', 'The same in requests'],
  ['device-write-iops', 'PATH:NUMBER', 'The same in requests'],
  ['blkio-weight-device', 'PATH:NUMBER', 'Its share of one disk'],
  ['ulimit', 'NAME=SOFT[:HARD]', 'Limit of processes'],
  ['sysctl', 'NAME=VALUE', 'Kernel parameter'],
  ['label', 'NAME[=VALUE]', 'Label', 'l'],
  ['label-file', 'FILE', 'File of labels'],
  ['annotation', 'NAME=VALUE', 'Annotation for the runtime'],
  ['attach', 'STREAM', 'stdin, stdout or stderr', 'a'],
  ['log-opt', 'NAME=VALUE', 'max-size, max-file'],
];

/** docker's shorter or older names. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  network: ['net'],
  'network-alias': ['net-alias'],
  'dns-option': ['dns-opt'],
};

export const createFlags: readonly EngineFlag[] = [
  ...[...booleans.map(ofType('boolean')), ...texts.map(ofType('string')), ...lists.map(ofType('list'))].map((flag) => ({
    ...flag,
    ...(otherNames[flag.name] === undefined ? {} : { otherNames: otherNames[flag.name]! }),
  })),
  ...refusedByCreate,
];

export const runFlags: readonly EngineFlag[] = [
  ...createFlags,
  { name: 'detach', short: 'd', type: 'boolean', description: 'Run it in the background and print its id' },
  { name: 'sig-proxy', type: 'boolean', description: 'Pass signals on to it (default: true)' },
];

export const execFlags: readonly EngineFlag[] = [
  { name: 'detach', short: 'd', type: 'boolean', description: 'Run it in the background' },
  ...[...booleans, ...texts, ...lists].flatMap((row) => {
    const type = booleans.includes(row) ? 'boolean' : texts.includes(row) ? 'string' : 'list';
    const shared = ['interactive', 'tty', 'privileged', 'workdir', 'user', 'env', 'env-file', 'detach-keys'];
    return shared.includes(row[0]) ? [ofType(type)(row)] : [];
  }),
];

const changeable =
  'memory memory-swap memory-reservation cpus cpu-shares cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpuset-cpus cpuset-mems'
    .concat(' pids-limit blkio-weight restart')
    .split(' ');

/** What update can change while it runs. */
export const updateFlags: readonly EngineFlag[] = [
  ...texts.filter(([name]) => changeable.includes(name)).map(ofType('string')),
  ...refusedByCreate.filter(({ name }) => name === 'kernel-memory'),
];
