// linux.netDevices: moved before the hooks run, and moved back only if create fails. When the namespace ends, the kernel takes
// physical devices back (config-linux.md, Network Devices).
import { fromHost, isHostFailure } from '../errors.js';
import type { Host, MovedNetDevice } from '../host/host.js';
import type { NetDevicePlan, Plan } from '../plan/plan.js';
import type { UndoStack } from './undo.js';

const own = '/proc/thread-self/ns/net';

const hints: Readonly<Record<number, string>> = {
  1: 'Run with CAP_NET_ADMIN in both network namespaces', // EPERM
  17: "Choose another name: the container's network already has such a device", // EEXIST
  19: "Check the name: the runtime's network namespace has no such device", // ENODEV
  22: 'Choose another device: this kind, such as lo, cannot leave its network namespace', // EINVAL
};

interface Networks {
  readonly ours: number;
  readonly theirs: number;
}

function moveBack(host: Host, { ours, theirs }: Networks, { name }: NetDevicePlan, moved: MovedNetDevice): void {
  host.moveNetDevice({ from: theirs, to: ours, name: moved.name, newName: name });
  host.configureNetDevice({ network: ours, name, addresses: moved.addresses, up: moved.wasUp });
}

function moveDevice(host: Host, networks: Networks, device: NetDevicePlan, undo: UndoStack): void {
  const { name, newName, pointer } = device;
  const { ours, theirs } = networks;
  try {
    const moved = host.moveNetDevice({ from: ours, to: theirs, name, newName });
    undo.push('hidden', () => moveBack(host, networks, device, moved));
    host.configureNetDevice({ network: theirs, name: moved.name, addresses: moved.addresses, up: true });
  } catch (caught) {
    const hint = isHostFailure(caught) ? hints[caught.errno] : undefined;
    throw fromHost(
      'E_NAMESPACE',
      `cannot move network device ${name}`,
      caught,
      hint === undefined ? { pointer } : { pointer, hint },
    );
  }
}

/** `pid`: the container's process, which is in its network namespace by now. */
export function moveNetDevices(host: Host, plan: Plan, pid: number, undo: UndoStack): void {
  if (plan.netDevices.length === 0) return;
  const theirs = host.openNamespace(plan.networkPath === '' ? `/proc/${pid}/ns/net` : plan.networkPath);
  // Stays open until create is over: devices to move back must still exist somewhere after the process has ended.
  undo.always(() => host.close(theirs));
  const ours = host.openNamespace(own);
  undo.always(() => host.close(ours));
  for (const device of plan.netDevices) moveDevice(host, { ours, theirs }, device, undo);
}
