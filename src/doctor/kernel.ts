// The kernel's calls and namespaces.
import type { Host } from '../host/host.js';
import { type Check, checked } from './check.js';

interface Needed {
  readonly name: string;
  /** The first version that has it. */
  readonly since: string;
  readonly lost: string;
  readonly required: boolean;
}

const needed = (name: string, since: string, lost: string): Needed => ({ name, since, lost, required: true });
const useful = (name: string, since: string, lost: string): Needed => ({ name, since, lost, required: false });

export const systemCalls: readonly Needed[] = [
  needed('openat2', '5.6', 'paths in a root filesystem that lead nowhere else'),
  needed('clone3', '5.5', 'a process with its namespaces'),
  needed('open_tree', '5.2', 'mounts by descriptor'),
  needed('move_mount', '5.2', 'mounts by descriptor'),
  needed('fsopen', '5.2', 'mounts by descriptor'),
  needed('mount_setattr', '5.12', 'attributes of mounts, and of all below them at once'),
  needed('pidfd_open', '5.3', 'signals for the right process'),
  needed('pidfd_send_signal', '5.1', 'signals for the right process'),
  needed('close_range', '5.9', 'a program with no descriptors but its own'),
  needed('memfd_create', '3.17', 'a pocker-init that nobody can change'),
  useful('fspick', '5.2', 'the mount option "remount"'),
  useful('faccessat2', '5.8', 'access rules beyond mode bits when a program is looked for'),
  useful('fchmodat2', '6.6', 'nothing: modes are changed by way of /proc/self/fd'),
];

/** By its name: the version that has it. */
export const sinceOf = (call: string): string | undefined => systemCalls.find(({ name }) => name === call)?.since;

const namespaces: readonly Needed[] = [
  needed('mnt', '2.4', 'mount namespaces'),
  needed('pid', '3.8', 'pid namespaces'),
  useful('net', '3.0', 'network namespaces'),
  useful('ipc', '3.0', 'ipc namespaces'),
  useful('uts', '3.0', 'uts namespaces'),
  useful('user', '3.8', 'user namespaces, and with them containers without root'),
  useful('cgroup', '4.6', 'cgroup namespaces'),
  useful('time', '5.6', 'time namespaces'),
];

const smallFile = 4096;

export function kernelRelease(host: Host): string {
  return host.readText('/proc/sys/kernel/osrelease', smallFile).trim();
}

/** A number of user.max_*_namespaces; undefined where the kernel has no such limit. */
function limitOf(host: Host, name: string): number | undefined {
  const path = `/proc/sys/user/max_${name}_namespaces`;
  return host.lstat(path) === null ? undefined : Number(host.readText(path, smallFile));
}

function namespaceCheck(host: Host, { name, since, lost, required }: Needed): Check {
  const limit = limitOf(host, name);
  const there = host.lstat(`/proc/self/ns/${name}`) !== null;
  const sysctl = `sysctl user.max_${name}_namespaces is 0: set it to a larger number`;
  const remedy = there ? sysctl : `Linux ${since} has it, unless it is built without`;
  const words = { area: 'kernel', name: `${name} namespace`, required, lost, remedy } as const;
  return checked(words, there && limit !== 0, limit === undefined ? '' : `at most ${limit}`);
}

export function checkKernel(host: Host): Check[] {
  const calls = systemCalls.map(({ name, since, lost, required }) =>
    checked({ area: 'kernel', name, required, lost, remedy: `Linux ${since} has it` }, host.hasSyscall(name)),
  );
  return [...calls, ...namespaces.map((one) => namespaceCheck(host, one))];
}
