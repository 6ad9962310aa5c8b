// linux.devices, the default devices and the links in /dev.
import { add, lookUp, type DeviceNode, type Draft } from '../draft.js';
import { cleanPath } from '../paths.js';
import type { Device } from '../spec-types.js';
import { DeviceT, make, SymlinkT } from '../step.js';
import { defaultDeviceMode, defaultDevices, deviceKinds, deviceLinks } from '../tables/devices.js';
import { bindsDev } from './mounts/mounts.js';
import { hostId } from './namespaces.js';

/** mknod(2) works only in the machine's initial user namespace. */
function mustBind(draft: Draft): boolean {
  return draft.namespaces.has('user') || draft.facts.inUserNamespace;
}

function planDevice(draft: Draft, device: Device, pointer: string): void {
  const path = cleanPath(`/${device.path}`);
  // The container's own, from its devpts.
  if (path === '/dev/ptmx') return;
  const kind = lookUp(deviceKinds, device.type, `${pointer}/type`, 'device type');
  const { uid = 0, gid = 0 } = device;
  const fields = {
    path,
    mode: kind | ((device.fileMode ?? defaultDeviceMode) & 0o7777),
    major: device.type === 'p' ? 0 : Number(device.major),
    minor: device.type === 'p' ? 0 : Number(device.minor),
    uid,
    gid,
  };
  // A FIFO needs no privilege.
  const bind = device.type !== 'p' && mustBind(draft);
  const node = bind ? planNode(draft, { ...fields, pointer }) : -1;
  add(draft, 'devices', pointer, make(DeviceT, { ...fields, bind, node }));
}

/** The slot of a node that we make, for a device that the host may lack; -1 if only the host's can be bound. */
function planNode(draft: Draft, node: DeviceNode): number {
  const { namespaces, facts, userNamespace } = draft;
  if (facts.euid !== 0 || facts.inUserNamespace || userNamespace === null || !namespaces.isNew('mount')) return -1;
  const uid = hostId(userNamespace.uidMappings, node.uid);
  const gid = hostId(userNamespace.gidMappings, node.gid);
  // Of nobody here: the host's can be bound, whoever owns it.
  if (uid === undefined || gid === undefined) return -1;
  return draft.deviceNodes.push({ ...node, uid, gid }) - 1;
}

function planDefaults(draft: Draft, configured: ReadonlySet<string>): void {
  const bind = mustBind(draft);
  for (const { path, major, minor } of defaultDevices) {
    if (configured.has(path)) continue;
    add(
      draft,
      'devices',
      '',
      make(DeviceT, { path, mode: deviceKinds['c']! | defaultDeviceMode, major, minor, bind, replace: true }),
    );
  }
}

/** The `devices` phase. A /dev that the config binds from elsewhere is left alone. */
export function planDevices(draft: Draft, devices: readonly Device[] | undefined, pointer: string): void {
  if (bindsDev(draft.spec.mounts)) return;
  const list = devices ?? [];
  planDefaults(draft, new Set(list.map(({ path }) => path)));
  for (let index = 0; index < list.length; index++) planDevice(draft, list[index]!, `${pointer}/${index}`);
  add(draft, 'devices', '', make(SymlinkT, { path: '/dev/ptmx', target: 'pts/ptmx' }));
  for (const [path, target] of deviceLinks) add(draft, 'devices', '', make(SymlinkT, { path, target }));
  if (draft.facts.kcore) add(draft, 'devices', '', make(SymlinkT, { path: '/dev/core', target: '/proc/kcore' }));
}
