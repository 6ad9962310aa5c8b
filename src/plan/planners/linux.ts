// linux: the table of its fields.
import { warn, type Draft } from '../draft.js';
import type { Linux } from '../spec-types.js';
import { planDevices } from './devices.js';
import { planIntelRdt } from './intel-rdt.js';
import { planMaskedPaths, planReadonlyPaths } from './masked-paths.js';
import { planTimeOffsets } from './namespaces.js';
import { planNetDevices } from './net-devices.js';
import { planSysctl } from './sysctl.js';

type Planner<T> = (draft: Draft, value: T | undefined, pointer: string) => void;

/** Handled elsewhere: see the comment of the row. */
const elsewhere = (): void => undefined;

function planMountLabel(draft: Draft, label: Linux['mountLabel'], pointer: string): void {
  if ((label ?? '') !== '' && !draft.facts.selinux) warn(draft, pointer, 'this machine has no SELinux; ignored');
}

export const linuxPlanners = {
  namespaces: elsewhere, // planners/namespaces.ts, first of all
  uidMappings: elsewhere, // planners/namespaces.ts
  gidMappings: elsewhere, // planners/namespaces.ts
  timeOffsets: planTimeOffsets,
  devices: planDevices,
  netDevices: planNetDevices,
  cgroupsPath: elsewhere, // cgroup/directories.ts
  resources: elsewhere, // cgroup/directories.ts
  rootfsPropagation: elsewhere, // planners/root.ts
  seccomp: elsewhere, // planners/process.ts
  sysctl: planSysctl,
  readonlyPaths: planReadonlyPaths,
  maskedPaths: planMaskedPaths, // after readonlyPaths: what is both is masked
  mountLabel: planMountLabel, // and planners/mounts.ts
  intelRdt: planIntelRdt,
  memoryPolicy: elsewhere, // planners/process.ts
  personality: elsewhere, // planners/process.ts
} satisfies { [K in keyof Linux]-?: Planner<Linux[K]> };

/** Devices and time namespaces also exist without a "linux" section. */
export function planLinux(draft: Draft, linux: Partial<Linux> = {}): void {
  for (const key of Object.keys(linuxPlanners) as (keyof Linux)[]) {
    (linuxPlanners[key] as Planner<unknown>)(draft, linux[key], `/linux/${key}`);
  }
}
