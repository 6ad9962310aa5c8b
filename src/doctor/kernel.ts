// System calls and namespaces of the kernel.
import type { Host } from '../host/host.js';
import { firstVersions } from '../host/syscalls.js';
import { type Check, checked } from './check.js';

interface Needed {
  readonly name: string;
  readonly lost: string;
  readonly required: boolean;
}

const needed = (name: string, lost: string): Needed => ({ name, lost, required: true });
const useful = (name: string, lost: string): Needed => ({ name, lost, required: false });

const systemCalls: readonly Needed[] = [
  needed('openat2', 'paths that cannot lead out of a root filesystem'),
  needed('clone3', 'processes in new namespaces'),
  needed('open_tree', 'mounts by descriptor'),
  needed('move_mount', 'mounts by descriptor'),
  needed('fsopen', 'mounts by descriptor'),
  needed('mount_setattr', 'attributes of mounts, and of whole mount trees'),
  needed('pidfd_open', 'signals to the right process'),
  needed('pidfd_send_signal', 'signals to the right process'),
  needed('close_range', 'programs without inherited descriptors'),
  needed('memfd_create', 'a pocker-init that nobody can change'),
  useful('fspick', 'the mount option "remount"'),
  useful('faccessat2', 'access checks beyond mode bits when looking for a program'),
  useful('fchmodat2', 'nothing: modes are changed through /proc/self/fd instead'),
];

interface NeededNamespace extends Needed {
  /** The first Linux version that has it. */
  readonly since: string;
}

const namespaces: readonly NeededNamespace[] = [
  { since: '2.4', ...needed('mnt', 'mount namespaces') },
  { since: '3.8', ...needed('pid', 'pid namespaces') },
  { since: '3.0', ...useful('net', 'network namespaces') },
  { since: '3.0', ...useful('ipc', 'ipc namespaces') },
  { since: '3.0', ...useful('uts', 'uts namespaces') },
  { since: '3.8', ...useful('user', 'user namespaces, and with them containers without root') },
  { since: '4.6', ...useful('cgroup', 'cgroup namespaces') },
  { since: '5.6', ...useful('time', 'time namespaces') },
];

const smallFile = 4096;

export function kernelRelease(host: Host): string {
  return host.readText('/proc/sys/kernel/osrelease', smallFile).trim();
}

/** The value of user.max_*_namespaces; undefined where the kernel has no such limit. */
function limitOf(host: Host, name: string): number | undefined {
  const path = `/proc/sys/user/max_${name}_namespaces`;
  return host.lstat(path) === null ? undefined : Number(host.readText(path, smallFile));
}

function namespaceCheck(host: Host, { name, since, lost, required }: NeededNamespace): Check {
  const limit = limitOf(host, name);
  const there = host.lstat(`/proc/self/ns/${name}`) !== null;
  const sysctl = `sysctl user.max_${name}_namespaces is 0: set it to a larger number`;
  const remedy = there ? sysctl : `use Linux ${since} or later, built with it`;
  const words = { area: 'kernel', name: `${name} namespace`, required, lost, remedy } as const;
  return checked(words, there && limit !== 0, limit === undefined ? '' : `at most ${limit}`);
}

export function checkKernel(host: Host): Check[] {
  const calls = systemCalls.map(({ name, lost, required }) =>
    checked(
      { area: 'kernel', name, required, lost, remedy: `use Linux ${firstVersions[name]!} or later` },
      host.hasSyscall(name),
    ),
  );
  return [...calls, ...namespaces.map((one) => namespaceCheck(host, one))];
}
