// Device rules as DevicePolicy= and DeviceAllow= of a unit, so that systemd applies these whenever it applies the unit's settings
// again (daemon-reload).
import type { UnitProperty } from '../../plan.js';
import type { DeviceRule } from '../../plan.js';

interface Allowed {
  readonly type: 'b' | 'c';
  readonly major: number | null;
  readonly minor: number | null;
  readonly access: Set<string>;
}

type Numbers = Pick<Allowed, 'type' | 'major' | 'minor'>;

function covers(wide: Numbers, narrow: Numbers): boolean {
  const has = (one: number | null, other: number | null): boolean => one === null || one === other;
  return wide.type === narrow.type && has(wide.major, narrow.major) && has(wide.minor, narrow.minor);
}

function overlaps(one: Numbers, other: Numbers): boolean {
  const sameNumber = (a: number | null, b: number | null): boolean => a === null || b === null || a === b;
  return one.type === other.type && sameNumber(one.major, other.major) && sameNumber(one.minor, other.minor);
}

/** Removes from the list what the rule denies; false if that would leave a hole in an entry. */
function deny(list: readonly Allowed[], rule: Numbers & { readonly access: string }): boolean {
  for (const entry of list) {
    const common = Array.from(rule.access).filter((letter) => entry.access.has(letter));
    if (common.length === 0 || !overlaps(rule, entry)) continue;
    if (!covers(rule, entry)) return false;
    for (const letter of common) entry.access.delete(letter);
  }
  return true;
}

/** Only what these entries allow; null if the rules cannot be expressed as a list of what is allowed. */
function allowedBy(rules: readonly DeviceRule[]): Allowed[] | null {
  const list: Allowed[] = [];
  for (const { allow, type, major, minor, access } of rules) {
    if (type === 'a') return null;
    if (!allow && !deny(list, { type, major, minor, access })) return null;
    // systemd cannot express "any major number, this minor number".
    if (allow && major === null && minor !== null) return null;
    if (allow) list.push({ type, major, minor, access: new Set(access) });
  }
  // The kernel asks for reading and writing at once, and a single entry answers: each entry includes what wider ones allow.
  for (const entry of list) {
    const wide = list.filter((other) => covers(other, entry)).flatMap(({ access }) => [...access]);
    for (const letter of wide.filter((one) => one !== 'm')) entry.access.add(letter);
  }
  return list.filter(({ access }) => access.size > 0);
}

function entryPath({ type, major, minor }: Allowed): string {
  const kind = type === 'b' ? 'block' : 'char';
  return minor === null ? `${kind}-${major ?? '*'}` : `/dev/${kind}/${major}:${minor}`;
}

function properties(policy: 'auto' | 'strict', list: readonly Allowed[]): UnitProperty[] {
  const entries = new Map(
    list.map((entry) => [entryPath(entry), 'rwm'.replace(/./g, (letter) => (entry.access.has(letter) ? letter : ''))]),
  );
  return [
    { name: 'DevicePolicy', signature: 's', words: [policy] },
    // Empties the list first: assignments are added to it.
    { name: 'DeviceAllow', signature: 'a(ss)', words: ['0'] },
    ...(entries.size === 0
      ? []
      : [{ name: 'DeviceAllow', signature: 'a(ss)', words: [String(entries.size), ...[...entries].flat()] }]),
  ];
}

/**
 * The rules; the first is about everything. If systemd cannot express them, `exact` is false: on v2 it then leaves devices to our
 * own program alone; on v1 it would allow none after a daemon-reload.
 */
export function deviceProperties(rules: readonly DeviceRule[], v2: boolean): { properties: UnitProperty[]; exact: boolean } {
  const [everything, ...rest] = rules;
  if (everything?.allow === true && rest.every(({ allow }) => allow)) return { properties: properties('auto', []), exact: true };
  const list = everything?.allow === true ? null : allowedBy(rest);
  if (list !== null) return { properties: properties('strict', list), exact: true };
  return { properties: properties(v2 ? 'auto' : 'strict', []), exact: false };
}
