// The flags of run and create, named as in docker.
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
  ['tty', '', 'Allocate a terminal', 't'],
  ['rm', '', 'Remove the container when it stops'],
  ['init', '', 'Run a small init as process 1 that forwards signals and reaps processes'],
  ['privileged', '', 'Grant all capabilities and devices, without confinement'],
  ['read-only', '', 'Mount the root filesystem read-only'],
  ['publish-all', '', 'Publish all exposed ports on free host ports', 'P'],
  ['oom-kill-disable', '', 'Disable the OOM killer'],
  ['no-healthcheck', '', "Ignore the image's health check"],
  ['quiet', '', 'Do not show pull progress', 'q'],
  ['disable-content-trust', '', 'Ignored: pocker has no content trust'],
];

const texts: readonly Row[] = [
  ['name', 'NAME', 'Container name (default: a random one)'],
  ['entrypoint', 'COMMAND', "Replace the image's entrypoint"],
  ['workdir', 'DIR', 'Working directory in the container', 'w'],
  ['user', 'USER[:GROUP]', 'Run as this user, by name or id', 'u'],
  ['hostname', 'NAME', 'Host name', 'h'],
  ['domainname', 'NAME', 'Domain name'],
  ['memory', 'BYTES', 'Memory limit, e.g. 512m or 2g', 'm'],
  ['memory-swap', 'BYTES', 'Limit of memory plus swap; -1: unlimited (default: twice --memory)'],
  ['memory-reservation', 'BYTES', 'Memory to keep when memory is short'],
  ['cpus', 'NUMBER', 'Number of CPUs, e.g. 1.5'],
  ['cpu-shares', 'NUMBER', 'CPU share relative to other containers (default: 1024)', 'c'],
  ['cpu-period', 'MICROSECONDS', 'Period of --cpu-quota (default: 100000)'],
  ['cpu-quota', 'MICROSECONDS', 'CPU time in each period'],
  ['cpu-rt-period', 'MICROSECONDS', 'Period of --cpu-rt-runtime (cgroup v1)'],
  ['cpu-rt-runtime', 'MICROSECONDS', 'Real-time CPU time in each period (cgroup v1)'],
  ['cpuset-cpus', 'LIST', 'CPUs to use, e.g. 0-3,7'],
  ['cpuset-mems', 'LIST', 'Memory nodes to use, e.g. 0-1'],
  ['memory-swappiness', 'NUMBER', 'Tendency to swap (0 to 100, cgroup v1)'],
  ['blkio-weight', 'NUMBER', 'Disk share relative to other containers (10 to 1000)'],
  ['oom-score-adj', 'NUMBER', 'OOM killer preference (-1000 to 1000)'],
  ['pids-limit', 'NUMBER', 'Maximum number of processes; -1: unlimited'],
  ['shm-size', 'BYTES', 'Size of /dev/shm (default: 64m)'],
  ['restart', 'POLICY', 'no, on-failure[:N], always or unless-stopped (default: no)'],
  ['stop-signal', 'SIGNAL', 'Signal that stop sends (default: SIGTERM)'],
  ['stop-timeout', 'SECONDS', 'Seconds that stop waits before SIGKILL (default: 10)'],
  ['ip', 'ADDRESS', 'IPv4 address on the network'],
  ['mac-address', 'ADDRESS', 'MAC address on the network'],
  ['userns', 'MODE', 'User namespace; only host'],
  ['pid', 'MODE', 'PID namespace: host or container:NAME (default: its own)'],
  ['ipc', 'MODE', 'IPC namespace: private, none or host (default: private)'],
  ['uts', 'MODE', 'UTS namespace: host (default: its own)'],
  ['cgroupns', 'MODE', 'Cgroup namespace: private or host'],
  ['cgroup-parent', 'PATH', 'Parent of the cgroups'],
  ['isolation', 'KIND', 'Only default'],
  ['pull', 'WHEN', 'missing, always or never (default: missing)'],
  ['platform', 'PLATFORM', 'Platform of the image, e.g. linux/arm64'],
  ['log-driver', 'DRIVER', 'k8s-file, json-file, local or none (default: k8s-file)'],
  ['detach-keys', 'KEYS', 'Keys that detach (default: ctrl-p,ctrl-q)'],
  ['health-cmd', 'COMMAND', 'Health check: exit code 0 means healthy'],
  ['health-interval', 'DURATION', 'Time between checks (default: 30s)'],
  ['health-timeout', 'DURATION', 'Time limit of a check (default: 30s)'],
  ['health-start-period', 'DURATION', 'Grace period in which failures do not count (default: 0s)'],
  ['health-retries', 'NUMBER', 'Consecutive failures that mean unhealthy (default: 3)'],
  ['cidfile', 'FILE', 'Write the container id to this file'],
];

const lists: readonly Row[] = [
  ['env', 'NAME[=VALUE]', 'Set an environment variable', 'e'],
  ['env-file', 'FILE', 'Read environment variables from a file'],
  ['volume', '[SOURCE:]TARGET[:OPTS]', 'Mount a host directory or a volume', 'v'],
  ['mount', 'TYPE,…', 'Mount type=…,source=…,target=…'],
  ['tmpfs', 'TARGET[:OPTIONS]', 'Mount a tmpfs'],
  ['volumes-from', 'CONTAINER[:ro|rw]', 'Use the mounts of another container'],
  ['publish', '[HOST:]PORT[/PROTO]', 'Publish a port on the host: [[ADDRESS:]PORT:]PORT[/PROTOCOL]', 'p'],
  ['expose', 'PORT[/PROTOCOL]', 'Expose a port'],
  ['network', 'NETWORK', 'bridge, none, host, container:NAME, or networks by name'],
  ['network-alias', 'NAME', 'Additional name on the network'],
  ['add-host', 'NAME:ADDRESS', 'Add a line to /etc/hosts'],
  ['dns', 'ADDRESS', 'DNS server'],
  ['dns-search', 'DOMAIN', 'DNS search domain'],
  ['dns-option', 'OPTION', 'DNS option (resolv.conf)'],
  ['cap-add', 'CAPABILITY', 'Add a capability, or ALL'],
  ['cap-drop', 'CAPABILITY', 'Drop a capability, or ALL'],
  ['security-opt', 'OPTION', 'no-new-privileges, seccomp=unconfined|builtin|FILE or apparmor=PROFILE'],
  ['group-add', 'GROUP', 'Add a supplementary group'],
  ['device', 'PATH[:PATH[:rwm]]', 'Add a host device'],
  ['device-cgroup-rule', 'RULE', 'Allow devices, e.g. "c 42:* rwm"'],
  ['device-read-bps', 'PATH:BYTES', 'Read limit of a device, in bytes per second'],
  ['device-write-bps', 'PATH:BYTES', 'Write limit of a device, in bytes per second'],
  ['device-read-iops', 'PATH:NUMBER', 'Read limit of a device, in requests per second'],
  ['device-write-iops', 'PATH:NUMBER', 'Write limit of a device, in requests per second'],
  ['blkio-weight-device', 'PATH:NUMBER', 'Share of one disk (10 to 1000)'],
  ['ulimit', 'NAME=SOFT[:HARD]', 'Resource limit, e.g. nofile=1024:4096'],
  ['sysctl', 'NAME=VALUE', 'Set a kernel parameter'],
  ['label', 'NAME[=VALUE]', 'Set a label', 'l'],
  ['label-file', 'FILE', 'Read labels from a file'],
  ['annotation', 'NAME=VALUE', 'Add an annotation for the runtime'],
  ['attach', 'STREAM', 'Attach stdin, stdout or stderr', 'a'],
  ['log-opt', 'NAME=VALUE', 'Log option: max-size=SIZE or max-file=N'],
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
  { name: 'detach', short: 'd', type: 'boolean', description: 'Run in the background and print the container id' },
  { name: 'sig-proxy', type: 'boolean', description: 'Forward signals to the program (default: true)' },
];

export const execFlags: readonly EngineFlag[] = [
  { name: 'detach', short: 'd', type: 'boolean', description: 'Run in the background' },
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

/** What update can change while the container runs. A flag that is not given changes nothing, so it has no default. */
export const updateFlags: readonly EngineFlag[] = [
  ...texts
    .filter(([name]) => changeable.includes(name))
    .map(ofType('string'))
    .map((flag) => ({ ...flag, description: flag.description.replace(/ \(default: .*\)$/, '') })),
  ...refusedByCreate.filter(({ name }) => name === 'kernel-memory'),
];
