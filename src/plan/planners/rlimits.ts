// process.rlimits: init sets them itself, before it gives up root.
import { add, lookUp, type Draft, type Phase } from '../draft.js';
import type { Process } from '../spec-types.js';
import { make, RlimitT } from '../step.js';
import { rlimits } from '../tables/process.js';

/** With fewer files than this, init itself could not go on. */
const filesOfInit = 64n;

interface Limit {
  readonly resource: number;
  readonly soft: bigint;
  readonly hard: bigint;
}

function addLimit(draft: Draft, phase: Phase, pointer: string, limit: Limit): void {
  add(draft, phase, pointer, make(RlimitT, limit));
}

/** A limit of files that is too low for init is set just before the program starts; lowering is always allowed. */
function addFiles(draft: Draft, pointer: string, limit: Limit): void {
  if (limit.hard >= filesOfInit) addLimit(draft, 'limits', pointer, { ...limit, soft: filesOfInit });
  addLimit(draft, 'capabilities', pointer, limit);
}

function planRlimit(draft: Draft, pointer: string, limit: Limit): void {
  const few = limit.resource === rlimits['RLIMIT_NOFILE'] && limit.soft < filesOfInit;
  // Only the machine's root may raise a hard limit, not root of a user namespace that is entered later.
  if (draft.namespaces.has('user') && !(few && limit.hard < filesOfInit))
    addLimit(draft, 'host', pointer, { ...limit, soft: limit.hard });
  if (few) addFiles(draft, pointer, limit);
  else addLimit(draft, 'limits', pointer, limit);
}

export function planRlimits(draft: Draft, list: Process['rlimits'], pointer: string): void {
  list?.forEach(({ type, soft, hard }, index) => {
    const field = `${pointer}/${index}`;
    const resource = lookUp(rlimits, type, `${field}/type`, 'resource limit');
    planRlimit(draft, field, { resource, soft: BigInt(soft), hard: BigInt(hard) });
  });
}
