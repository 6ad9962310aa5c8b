// process.capabilities: five lists of names become five masks. A config without lists grants none.
import { add, warn, type Draft } from '../draft.js';
import type { Process } from '../spec-types.js';
import { DropBoundingT, make, SetCapabilitiesT } from '../step.js';
import { capabilityNumbers } from '../tables/capabilities.js';

type Names = Process['capabilities'];
type Set = keyof NonNullable<Names>;

/** config.md: an unknown name is a warning, not an error. */
type Unknown = (name: string, index: number) => void;

function mask(names: readonly string[] | undefined, unknown: Unknown): bigint {
  // In two halves: bit operations on numbers are much cheaper than on bigints.
  let low = 0;
  let high = 0;
  for (let index = 0; names !== undefined && index < names.length; index++) {
    const number = capabilityNumbers.get(names[index]!);
    if (number === undefined) unknown(names[index]!, index);
    else if (number < 32) low |= 1 << number;
    else high |= 1 << (number - 32);
  }
  return BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
}

/** The masks of all sets. Calls `unknown` for names that have no number. */
export function capabilitySets(
  sets: Names,
  unknown: (set: Set, name: string, index: number) => void = () => undefined,
): Record<Set, bigint> {
  const one = (set: Set): bigint => mask(sets?.[set], (name, index) => unknown(set, name, index));
  return {
    bounding: one('bounding'),
    effective: one('effective'),
    permitted: one('permitted'),
    inheritable: one('inheritable'),
    ambient: one('ambient'),
  };
}

export function planCapabilities(draft: Draft, sets: Names, pointer: string): void {
  const { bounding, ...others } = capabilitySets(sets, (set, name, index) => {
    warn(draft, `${pointer}/${set}/${index}`, `unknown capability ${JSON.stringify(name)} is ignored`);
  });
  add(draft, 'bounding', `${pointer}/bounding`, make(DropBoundingT, { keep: bounding }));
  add(draft, 'capabilities', pointer, make(SetCapabilitiesT, others));
}
