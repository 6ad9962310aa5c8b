// What v1 and v2 share among the resources.
import { pointerKey } from '../paths.js';
import type { Integer, Resources } from '../spec-types.js';
import { isSet, type CgroupFiles } from './files.js';

export type ResourcePlanner<T> = (files: CgroupFiles, value: T | undefined, pointer: string) => void;

export function deviceNumbers({ major, minor }: { readonly major: Integer; readonly minor: Integer }): string {
  return `${major}:${minor}`;
}

/** Limits usage, and reservations if the kernel counts them (5.7). */
export function planHugepages(files: CgroupFiles, limits: Resources['hugepageLimits'], pointer: string, suffix: string): void {
  limits?.forEach(({ pageSize, limit }, index) => {
    const field = `${pointer}/${index}`;
    files.put('hugetlb', `hugetlb.${pageSize}.${suffix}`, limit, field);
    files.put('hugetlb', `hugetlb.${pageSize}.rsvd.${suffix}`, limit, field, { optional: true });
  });
}

export function planPids(files: CgroupFiles, pids: Resources['pids'], pointer: string): void {
  if (pids?.limit === undefined) return;
  // With 0, v2 lets nothing be born there, and systemd does not accept it: it means one process without children.
  const value = pids.limit < 0 ? 'max' : isSet(pids.limit) ? pids.limit : 1;
  files.put('pids', 'pids.max', value, `${pointer}/limit`);
}

export function planRdma(files: CgroupFiles, rdma: Resources['rdma'], pointer: string): void {
  if (rdma === undefined) return;
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(rdma)) {
    const field = `${pointer}/${pointerKey(device)}`;
    const handles = hcaHandles === undefined ? '' : ` hca_handle=${hcaHandles}`;
    const objects = hcaObjects === undefined ? '' : ` hca_object=${hcaObjects}`;
    files.put('rdma', 'rdma.max', `${device}${handles}${objects}`, field);
  }
}
