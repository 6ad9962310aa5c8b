// What v1 and v2 have in common among the resources.
import { pointerKey } from '../paths.js';
import type { Integer, Resources } from '../spec-types.js';
import { isSet, type CgroupFiles } from './files.js';

export type ResourcePlanner<T> = (files: CgroupFiles, value: T | undefined, pointer: string) => void;

export function deviceNumbers({ major, minor }: { readonly major: Integer; readonly minor: Integer }): string {
  return `${major}:${minor}`;
}

/** Usage, and reservations where the kernel counts them (5.7). */
export function planHugepages(files: CgroupFiles, limits: Resources['hugepageLimits'], pointer: string, suffix: string): void {
  limits?.forEach(({ pageSize, limit }, index) => {
    const field = `${pointer}/${index}`;
    files.put('hugetlb', `hugetlb.${pageSize}.${suffix}`, limit, field);
    files.put('hugetlb', `hugetlb.${pageSize}.rsvd.${suffix}`, limit, field, { optional: true });
  });
}

export function planPids(files: CgroupFiles, pids: Resources['pids'], pointer: string): void {
  if (pids?.limit === undefined) return;
  // v2 lets nothing be born where 0 is, systemd has no 0, and one process without children is what it means.
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
