// What is mounted in a container: its own /proc, /dev and /sys, its network files, and the mounts asked for.
import type { Mount } from '../../../plan/spec-types.js';
import type { ContainerRecord, HostConfig, MountPoint } from '../../records/container.js';

/** Host files that a container shows as its own. */
export interface OwnFiles {
  readonly hosts: string;
  readonly resolvConf: string;
  readonly hostname: string;
}

const noExec = ['nosuid', 'noexec', 'nodev'];

function kernelMounts({ hostConfig }: ContainerRecord): Mount[] {
  const access = hostConfig.Privileged ? 'rw' : 'ro';
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: noExec },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...noExec, access] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...noExec, access] },
    ...sharedMemory(hostConfig),
  ];
}

/** Message queues belong to the IPC namespace; /dev/shm is an ordinary directory. */
function sharedMemory({ IpcMode, ShmSize }: HostConfig): Mount[] {
  const queues = { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: noExec };
  if (IpcMode === 'none') return [queues];
  if (IpcMode === 'host')
    return [queues, { destination: '/dev/shm', type: 'bind', source: '/dev/shm', options: ['rbind', 'rw'] }];
  const options = [...noExec, 'mode=1777', `size=${ShmSize}`];
  return [queues, { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options }];
}

function ownFileMounts(files: OwnFiles): Mount[] {
  const options = ['rbind', 'rprivate'];
  return [
    { destination: '/etc/resolv.conf', type: 'bind', source: files.resolvConf, options },
    { destination: '/etc/hostname', type: 'bind', source: files.hostname, options },
    { destination: '/etc/hosts', type: 'bind', source: files.hosts, options },
  ];
}

const propagations = new Set(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']);

/** `source`: on the host; for a volume, its data directory. */
export function mountOf(point: MountPoint, source: string): Mount {
  const access = point.RW ? 'rw' : 'ro';
  if (point.Type === 'tmpfs')
    return {
      destination: point.Destination,
      type: 'tmpfs',
      source: 'tmpfs',
      options: [
        ...(point.Options.some((option) => option.startsWith('exec')) ? ['nosuid', 'nodev'] : noExec),
        access,
        ...point.Options,
      ],
    };
  // The other options are for the engine.
  const propagation = point.Options.filter((option) => propagations.has(option));
  const options = ['rbind', access, ...(propagation.length === 0 ? ['rprivate'] : propagation)];
  return { destination: point.Destination, type: 'bind', source, options };
}

/** Mounts below others come after them. A requested mount replaces a default one. */
export function allMounts(record: ContainerRecord, files: OwnFiles, asked: readonly Mount[]): Mount[] {
  const taken = new Set(asked.map(({ destination }) => destination));
  const own = (mounts: readonly Mount[]): Mount[] => mounts.filter(({ destination }) => !taken.has(destination));
  const depth = ({ destination }: Mount): number => destination.split('/').filter((part) => part !== '').length;
  const rest = [...own(ownFileMounts(files)), ...asked].sort((a, b) => depth(a) - depth(b));
  return [...own(kernelMounts(record)), ...rest];
}

export const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

export const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
