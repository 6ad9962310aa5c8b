// process.capabilities: five lists of names become five masks. A config without them gets none.
import { add, warn, type Draft } from '../draft.js';
import type { Process } from '../spec-types.js';
import { DropBoundingT, make, SetCapabilitiesT } from '../step.js';
import { capabilityNumbers } from '../tables/capabilities.js';

/** config.md: what cannot be mapped to a capability MUST be a warning and SHOULD NOT be an error. */
function mask(draft: Draft, names: readonly string[] | undefined, pointer: string): bigint {
  // Two halves: bit operations on numbers are much cheaper than on bigints.
  let low = 0;
  let high = 0;
  for (let index = 0; names !== undefined && index < names.length; index++) {
    const number = capabilityNumbers.get(names[index]!);
    if (number === undefined) warn(draft, `${pointer}/${index}`, `unknown capability ${JSON.stringify(names[index])}; ignored`);
    else if (number < 32) low |= 1 << number;
    else high |= 1 << (number - 32);
  }
  return BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
}

export function planCapabilities(draft: Draft, sets: Process['capabilities'], pointer: string): void {
  const keep = mask(draft, sets?.bounding, `${pointer}/bounding`);
  const operation = make(SetCapabilitiesT, {
    effective: mask(draft, sets?.effective, `${pointer}/effective`),
    permitted: mask(draft, sets?.permitted, `${pointer}/permitted`),
    inheritable: mask(draft, sets?.inheritable, `${pointer}/inheritable`),
    ambient: mask(draft, sets?.ambient, `${pointer}/ambient`),
  });
  add(draft, 'bounding', `${pointer}/bounding`, make(DropBoundingT, { keep }));
  add(draft, 'capabilities', pointer, operation);
}
