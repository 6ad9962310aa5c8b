// One rule on device nodes, in the forms that cgroup v1 and v2 need.
import type { DeviceRule } from '../plan.js';
import type { DeviceRule as SpecRule } from '../spec-types.js';

const number = (value: number | bigint | undefined): number | null => (value === undefined || value < 0 ? null : Number(value));

/** The config's rule, which the rules have judged: it has an access unless it is about everything. */
export function readRule({ allow, type = 'a', major, minor, access }: SpecRule, pointer: string): DeviceRule {
  // To the kernel "a" means everything, whatever follows.
  if (type === '' || type === 'a') return { allow, type: 'a', major: null, minor: null, access: 'rwm', pointer };
  return { allow, type: type as DeviceRule['type'], major: number(major), minor: number(minor), access: access!, pointer };
}

/** As written to devices.allow and devices.deny of v1: "c 1:3 rwm", "a". */
export function ruleText({ type, major, minor, access }: DeviceRule): string {
  return type === 'a' ? 'a' : `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}

/** The reverse: a rule that allows what the text says. */
export function allowed(text: string, pointer: string): DeviceRule {
  const [type = 'a', numbers = '*:*', access = 'rwm'] = text.split(' ');
  const [major, minor] = numbers.split(':').map((part) => (part === '*' ? null : Number(part)));
  return { allow: true, type: type as DeviceRule['type'], major: major ?? null, minor: minor ?? null, access, pointer };
}
