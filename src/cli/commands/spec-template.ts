// The config.json that `spec` writes: that of runc, for a root filesystem in rootfs/.
import type { Spec } from '../../generated/spec.js';
import { specVersion } from '../../spec/version.js';

const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

const mounts = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'] },
];

const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/sys/firmware',
  '/proc/scsi',
];
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** `cgroupNamespace`: with cgroup v2, a container sees its own cgroup as the root. */
export function template(cgroupNamespace: boolean): Spec {
  const namespaces = ['pid', 'network', 'ipc', 'uts', 'mount', ...(cgroupNamespace ? ['cgroup'] : [])];
  return {
    ociVersion: specVersion,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'pocker-runc',
    mounts,
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      namespaces: namespaces.map((type) => ({ type })),
      maskedPaths,
      readonlyPaths,
    },
  } as Spec;
}

/** Leaves out or replaces what an ordinary user may not do: maps ids, uses the host's network and sets no limits. */
export function rootlessTemplate(uid: number, gid: number, cgroupNamespace: boolean): Spec {
  const { linux, mounts: all, ...rest } = template(cgroupNamespace);
  const { resources: _resources, namespaces = [], ...kept } = linux ?? {};
  return {
    ...rest,
    mounts: (all ?? []).map((mount) => rootlessMount(mount)),
    linux: {
      ...kept,
      uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
      namespaces: [...namespaces.filter(({ type }) => type !== 'network'), { type: 'user' }],
    },
  } as Spec;
}

function rootlessMount(mount: NonNullable<Spec['mounts']>[number]): object {
  // Mounting a new sysfs requires a network namespace of the container's own.
  if (mount.destination === '/sys')
    return { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'] };
  return mount.destination === '/dev/pts'
    ? { ...mount, options: (mount.options ?? []).filter((option) => option !== 'gid=5') }
    : mount;
}
