// linux.resources.devices: which device nodes the container may open or create.
import { refuse, type Draft } from '../draft.js';
import type { DeviceRule as SpecRule } from '../spec-types.js';
import { defaultDeviceRules } from '../tables/devices.js';
import type { DeviceRule } from '../plan.js';
import { allowed, readRule, ruleText } from './device-rule.js';
import type { CgroupFiles } from './files.js';

/** The list from its last "everything" rule on. Without one, it begins with nothing allowed, whatever the parent allows. */
function effective(rules: readonly DeviceRule[], pointer: string): readonly DeviceRule[] {
  const last = rules.findLastIndex(({ type }) => type === 'a');
  const nothing = { allow: false, type: 'a', major: null, minor: null, access: 'rwm', pointer } as const;
  return last < 0 ? [nothing, ...rules] : rules.slice(last);
}

/** Parsed at build time. Their pointer is set when they are used. */
const defaultRules = defaultDeviceRules.map((text) => allowed(text, ''));

/** The config's rules and the default ones. The first is about everything. */
export function readDeviceRules(devices: readonly SpecRule[] = [], pointer: string): readonly DeviceRule[] {
  const rules = effective(
    devices.map((rule, index) => readRule(rule, `${pointer}/${index}`)),
    pointer,
  );
  if (rules[0]!.allow) return rules;
  return [...rules, ...defaultRules.map((rule) => ({ ...rule, pointer }))];
}

/** In a user namespace, devices cannot be created, and the kernel refuses rules about them. */
export function mayRestrictDevices({ facts, options }: Draft): boolean {
  return !facts.inUserNamespace && facts.euid === 0 && !options.rootless;
}

const sameNumber = (one: number | null, other: number | null): boolean => one === null || other === null || one === other;

/** Whether some device is covered by both rules. */
function overlap(one: DeviceRule, other: DeviceRule): boolean {
  return one.type === other.type && sameNumber(one.major, other.major) && sameNumber(one.minor, other.minor);
}

/** What is left of an exception after a later rule that agrees with the rule for everything: nothing, or less access. */
function without(exception: DeviceRule, rule: DeviceRule): readonly DeviceRule[] {
  const access = exception.access.replaceAll(new RegExp(`[${rule.access}]`, 'g'), '');
  if (access === exception.access || !overlap(exception, rule)) return [exception];
  const covered = (['major', 'minor'] as const).every((key) => rule[key] === null || rule[key] === exception[key]);
  if (!covered) {
    const what = `cgroup v1 cannot take ${ruleText(rule)} out of ${ruleText(exception)}, which an earlier rule set`;
    refuse(rule.pointer, what, 'Name the devices one by one');
  }
  return access === '' ? [] : [{ ...exception, access }];
}

/** v1 keeps exceptions from its rule for everything; it would ignore a rule that takes back part of an exception. */
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

/** v2 has no files for this: an eBPF program made from these rules decides (device-program.ts). */
export function planDeviceRulesV2(files: CgroupFiles, devices: readonly SpecRule[] | undefined, pointer: string): void {
  const rules = readDeviceRules(devices, pointer);
  if (mayRestrictDevices(files.draft)) files.restrictDevices(rules);
}
