// process.capabilities: five lists of names become five masks. A config without them gets none.
import { add, refuse, type Draft } from '../draft.js';
import type { Process } from '../spec-types.js';
import { DropBoundingT, make, SetCapabilitiesT } from '../step.js';
import { capabilityNumbers } from '../tables/capabilities.js';

const hint = 'capabilities(7) has their names, all of which begin with CAP_';

/** A misspelt name would otherwise be found by whoever misses the capability. */
function mask(names: readonly string[] | undefined, pointer: string): bigint {
  // Two halves: bit operations on numbers are much cheaper than on bigints.
  let low = 0;
  let high = 0;
  for (let index = 0; names !== undefined && index < names.length; index++) {
    const number = capabilityNumbers.get(names[index]!);
    if (number === undefined) refuse(`${pointer}/${index}`, `unknown capability ${JSON.stringify(names[index])}`, hint);
    else if (number < 32) low |= 1 << number;
    else high |= 1 << (number - 32);
  }
  return BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
}

export function planCapabilities(draft: Draft, sets: Process['capabilities'], pointer: string): void {
  const keep = mask(sets?.bounding, `${pointer}/bounding`);
  const operation = make(SetCapabilitiesT, {
    effective: mask(sets?.effective, `${pointer}/effective`),
    permitted: mask(sets?.permitted, `${pointer}/permitted`),
    inheritable: mask(sets?.inheritable, `${pointer}/inheritable`),
    ambient: mask(sets?.ambient, `${pointer}/ambient`),
  });
  add(draft, 'bounding', `${pointer}/bounding`, make(DropBoundingT, { keep }));
  add(draft, 'capabilities', pointer, operation);
}
