// Which capabilities a program gets: docker's defaults, changed by --cap-add and --cap-drop.
import { capabilityNames } from '../../../plan/tables/capabilities.js';
import type { Process } from '../../../plan/spec-types.js';
import type { HostConfig } from '../../records/container.js';

const usual = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

/** --cap-add ALL starts with all of them, --cap-drop ALL with none; a capability that is added and dropped is dropped. */
export function capabilitiesOf({ Privileged, CapAdd, CapDrop }: Pick<HostConfig, 'Privileged' | 'CapAdd' | 'CapDrop'>): string[] {
  if (Privileged) return [...capabilityNames];
  const from = CapAdd.includes('ALL') ? [...capabilityNames] : CapDrop.includes('ALL') ? [] : usual;
  const all = new Set([...from, ...CapAdd.filter((name) => name !== 'ALL')]);
  for (const name of CapDrop) all.delete(name);
  return [...all];
}

/** A user other than root gets them only through set-user-id programs or file capabilities. */
export function capabilitySets(names: readonly string[], uid: number): NonNullable<Process['capabilities']> {
  const active = uid === 0 ? [...names] : [];
  return { bounding: [...names], effective: active, permitted: active };
}
