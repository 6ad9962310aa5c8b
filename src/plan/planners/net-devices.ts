// linux.netDevices: devices of the runtime's network namespace that move into the container's.
import { refuse, type Draft } from '../draft.js';
import { pointerKey } from '../paths.js';
import type { Linux } from '../spec-types.js';

export function planNetDevices(draft: Draft, devices: Linux['netDevices'], pointer: string): void {
  const names = Object.keys(devices ?? {});
  if (devices === undefined || names.length === 0) return;
  const { namespaces, facts } = draft;
  const joined = namespaces.joined('network');
  if (joined !== undefined && facts.isOwnNamespace(joined.path, 'net'))
    refuse(pointer, 'the container does not have its own network namespace', 'Add {"type": "network"} to linux.namespaces');
  if (facts.euid !== 0) refuse(pointer, 'only root may move network devices');
  for (const name of names) {
    const newName = devices[name]?.name ?? '';
    draft.netDevices.push({ name, newName: newName === '' ? name : newName, pointer: `${pointer}/${pointerKey(name)}` });
  }
}
