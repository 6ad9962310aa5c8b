// linux.resources.devices: which device nodes the container may open or make.
import { refuse, warn } from '../draft.js';
import type { DeviceRule } from '../spec-types.js';
import { defaultDeviceRules } from '../tables/devices.js';
import type { CgroupFiles } from './files.js';

interface Rule {
  readonly allow: boolean;
  /** As devices.allow takes it: "c 1:3 rwm"; "a" is everything. */
  readonly text: string;
  readonly pointer: string;
}

function readRule({ allow, type = 'a', major, minor, access }: DeviceRule, pointer: string): Rule {
  if (type !== 'a' && type !== 'b' && type !== 'c')
    refuse(`${pointer}/type`, `unknown device type ${JSON.stringify(type)}`, 'Allowed: a, b, c.');
  // The kernel takes "a" as everything, whatever numbers follow.
  if (type === 'a') return { allow, text: 'a', pointer };
  if (access === undefined || access === '') refuse(`${pointer}/access`, 'is missing', 'Give some of the letters r, w and m.');
  if (!/^[rwm]+$/.test(access)) refuse(`${pointer}/access`, `${JSON.stringify(access)} has other letters than r, w and m`);
  const wildcard = (number: number | bigint | undefined): string => (number === undefined || number < 0 ? '*' : String(number));
  return { allow, text: `${type} ${wildcard(major)}:${wildcard(minor)} ${access}`, pointer };
}

/** The list from its last "everything" rule on; without one it begins with nothing allowed, whatever the parent allows. */
function effective(rules: readonly Rule[], pointer: string): readonly Rule[] {
  let last = rules.length - 1;
  while (last >= 0 && rules[last]!.text !== 'a') last--;
  return last < 0 ? [{ allow: false, text: 'a', pointer }, ...rules] : rules.slice(last);
}

function readRules(devices: readonly DeviceRule[], pointer: string): readonly Rule[] {
  return effective(
    devices.map((rule, index) => readRule(rule, `${pointer}/${index}`)),
    pointer,
  );
}

/** devices.allow and devices.deny of v1. Inside a user namespace the kernel refuses them. */
export function planDeviceRulesV1(files: CgroupFiles, devices: readonly DeviceRule[] | undefined, pointer: string): void {
  const rules = readRules(devices ?? [], pointer);
  const { facts, options } = files.draft;
  if (facts.inUserNamespace || facts.euid !== 0 || options.rootless) return;
  const everything = rules[0]!.allow;
  for (const { allow, text, pointer: field } of rules) {
    // Where everything is allowed, further permissions say nothing new.
    if (everything && allow && text !== 'a') continue;
    files.put('devices', allow ? 'devices.allow' : 'devices.deny', text, field);
  }
  if (everything) return;
  for (const text of defaultDeviceRules) files.put('devices', 'devices.allow', text, pointer);
}

/**
 * v2 has no files for this: an eBPF program decides, which this version does not have yet. So devices are NOT restricted on
 * v2; whoever configured something of their own is told.
 */
export function planDeviceRulesV2(files: CgroupFiles, devices: readonly DeviceRule[] | undefined, pointer: string): void {
  const rules = readRules(devices ?? [], pointer);
  const usual = rules.every(({ allow, text }) => (allow ? defaultDeviceRules.includes(text) : text === 'a'));
  if (!usual) warn(files.draft, pointer, 'device rules are not enforced on cgroup v2 yet');
}
