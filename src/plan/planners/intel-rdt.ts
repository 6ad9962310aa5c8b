// linux.intelRdt: the container's group in resctrl (Documentation/filesystems/resctrl.rst of Linux).
import { refuse, type Draft } from '../draft.js';
import type { RdtPlan } from '../plan.js';
import type { Linux } from '../spec-types.js';

type IntelRdt = NonNullable<Linux['intelRdt']>;

/** Lists every field, so that forgetting one below does not compile. */
export const rdtFields = {
  closID: true,
  l3CacheSchema: true,
  memBwSchema: true,
  schemata: true,
  enableMonitoring: true,
} satisfies Record<keyof IntelRdt, true>;

/** In the order that the specification requires. */
export function schemataOf(
  { l3CacheSchema = '', memBwSchema = '', schemata = [] }: IntelRdt,
  pointer = '/linux/intelRdt',
): RdtPlan['schemata'] {
  const lines = [
    { line: l3CacheSchema, compared: true, pointer: `${pointer}/l3CacheSchema` },
    { line: memBwSchema, compared: true, pointer: `${pointer}/memBwSchema` },
    ...schemata.map((line, index) => ({ line, compared: false, pointer: `${pointer}/schemata/${index}` })),
  ];
  return lines.filter(({ line }) => line !== '');
}

export function planIntelRdt(draft: Draft, rdt: Linux['intelRdt'], pointer: string): void {
  if (rdt === undefined) return;
  const { resctrl: root } = draft.facts;
  if (root === '')
    refuse(
      pointer,
      'this machine has no resctrl filesystem mounted',
      'If the processor has Intel RDT: mount -t resctrl resctrl /sys/fs/resctrl',
    );
  const { closID = '', enableMonitoring = false } = rdt;
  const { id } = draft.options;
  const schemata = schemataOf(rdt, pointer);
  const directory = closID === '/' ? root : `${root}/${closID === '' ? id : closID}`;
  draft.rdt = {
    root,
    directory,
    make: closID === '' || (closID !== '/' && schemata.length > 0),
    remove: closID === '',
    schemata,
    monitoring: enableMonitoring ? `${directory}/mon_groups/${id}` : '',
  };
}
