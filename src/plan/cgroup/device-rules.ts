// linux.resources.devices: which device nodes the container may open or make.
import { refuse, type Draft } from '../draft.js';
import type { DeviceRule as SpecRule } from '../spec-types.js';
import { defaultDeviceRules } from '../tables/devices.js';
import type { DeviceRule } from '../plan.js';
import { allowed, readRule, ruleText } from './device-rule.js';
import type { CgroupFiles } from './files.js';

/** The list from its last "everything" rule on; without one it begins with nothing allowed, whatever the parent allows. */
function effective(rules: readonly DeviceRule[], pointer: string): readonly DeviceRule[] {
  const last = rules.findLastIndex(({ type }) => type === 'a');
  const nothing = { allow: false, type: 'a', major: null, minor: null, access: 'rwm', pointer } as const;
  return last < 0 ? [nothing, ...rules] : rules.slice(last);
}

/** The config's rules and the usual ones; the first is about everything. */
export function readDeviceRules(devices: readonly SpecRule[] = [], pointer: string): readonly DeviceRule[] {
  const rules = effective(
    devices.map((rule, index) => readRule(rule, `${pointer}/${index}`)),
    pointer,
  );
  if (rules[0]!.allow) return rules;
  return [...rules, ...defaultDeviceRules.map((text) => allowed(text, pointer))];
}

/** In a user namespace there is no making of devices, and the kernel refuses to be told about them. */
export function mayRestrictDevices({ facts, options }: Draft): boolean {
  return !facts.inUserNamespace && facts.euid === 0 && !options.rootless;
}

const sameNumber = (one: number | null, other: number | null): boolean => one === null || other === null || one === other;

/** Whether both rules are about some device. */
function overlap(one: DeviceRule, other: DeviceRule): boolean {
  return one.type === other.type && sameNumber(one.major, other.major) && sameNumber(one.minor, other.minor);
}

/** What is left of an exception, when a later rule says the same as of everything: nothing, or fewer kinds of access. */
function without(exception: DeviceRule, rule: DeviceRule): readonly DeviceRule[] {
  const access = exception.access.replaceAll(new RegExp(`[${rule.access}]`, 'g'), '');
  if (access === exception.access || !overlap(exception, rule)) return [exception];
  const covered = (['major', 'minor'] as const).every((key) => rule[key] === null || rule[key] === exception[key]);
  if (!covered) {
    const what = `cgroup v1 cannot take ${ruleText(rule)} out of ${ruleText(exception)}, of which a rule before says otherwise`;
    refuse(rule.pointer, what, 'Name the devices one by one.');
  }
  return access === '' ? [] : [{ ...exception, access }];
}

/** v1 keeps exceptions from what it says of everything; it would ignore a rule that takes back a part of one. */
function exceptions([everything, ...rules]: readonly DeviceRule[]): readonly DeviceRule[] {
  return rules.reduce<readonly DeviceRule[]>(
    (kept, rule) => (rule.allow === everything!.allow ? kept.flatMap((one) => without(one, rule)) : [...kept, rule]),
    [],
  );
}

/** devices.allow and devices.deny of v1. */
export function planDeviceRulesV1(files: CgroupFiles, devices: readonly SpecRule[] | undefined, pointer: string): void {
  const rules = readDeviceRules(devices, pointer);
  if (!mayRestrictDevices(files.draft)) return;
  for (const rule of [rules[0]!, ...exceptions(rules)])
    files.put('devices', rule.allow ? 'devices.allow' : 'devices.deny', ruleText(rule), rule.pointer);
}

/** v2 has no files for this: an eBPF program decides (device-program.ts), which is made of these rules. */
export function planDeviceRulesV2(files: CgroupFiles, devices: readonly SpecRule[] | undefined, pointer: string): void {
  const rules = readDeviceRules(devices, pointer);
  if (mayRestrictDevices(files.draft)) files.restrictDevices(rules);
}
