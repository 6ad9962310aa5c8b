// A container's transient systemd unit: a scope, with everything that it needs from its first moment on.
import { PockerError } from '../../../errors.js';
import { refuse, warn, type Draft } from '../../draft.js';
import { parseGVariant, type DBusValue } from './gvariant.js';
import { pointerKey } from '../../paths.js';
import type { UnitPlan, UnitProperty } from '../../plan.js';
import { unsafeAnnotations } from '../../tables/annotations.js';
import type { Resources } from '../../spec-types.js';
import { mayRestrictDevices, readDeviceRules } from '../device-rules.js';
import { deviceProperties } from './unit-devices.js';
import { readUnitName, slicePath } from './unit-name.js';
import { resourceProperties, roundedQuota } from './unit-properties.js';

/** Annotations that are properties, e.g. "org.systemd.property.TimeoutStopUSec": "uint64 1000000". */
const annotationPrefix = unsafeAnnotations.systemdProperty;

/** Controllers in whose v1 hierarchies (and the v2 one beside them) systemd makes a unit's cgroups; we make the rest. */
const managedControllers = ['', 'name=systemd', 'cpu', 'cpuacct', 'memory', 'blkio', 'devices', 'pids'];

export function isManaged(controllers: readonly string[]): boolean {
  return controllers.some((controller) => managedControllers.includes(controller));
}

const flag = (name: string, value: boolean): UnitProperty => ({ name, signature: 'b', words: [String(value)] });
const text = (name: string, value: string): UnitProperty => ({ name, signature: 's', words: [value] });

/** Unit files write "…Sec", a time in seconds, where D-Bus has "…USec". */
function inMicroseconds({ signature, words }: DBusValue): DBusValue {
  if (!/^[ynqiuxtd]$/.test(signature)) throw new Error('a time is a number of seconds');
  const value = signature === 'd' ? BigInt(Math.round(Number(words[0]) * 1e6)) : BigInt(words[0]!) * 1_000_000n;
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new Error(`${words[0]} seconds is not a time`);
  return { signature: 't', words: [String(value)] };
}

function readAnnotation(key: string, value: string): UnitProperty {
  const pointer = `/annotations/${pointerKey(key)}`;
  const name = key.slice(annotationPrefix.length);
  if (!/^[A-Za-z]{3,}$/.test(name)) refuse(pointer, `${JSON.stringify(name)} is not the name of a property`);
  try {
    const parsed = parseGVariant(value);
    if (!/[a-z]Sec$/.test(name)) return { name, ...parsed };
    return { name: name.replace(/Sec$/, 'USec'), ...inMicroseconds(parsed) };
  } catch (caught) {
    const hint = 'Use the text format of GVariant, e.g. "uint64 5", "true" or "\'text\'"';
    return refuse(pointer, `${JSON.stringify(value)}: ${(caught as Error).message}`, hint);
  }
}

function planAnnotations({ spec }: Draft): UnitProperty[] {
  return Object.entries(spec.annotations ?? {})
    .filter(([key]) => key.startsWith(annotationPrefix))
    .map(([key, value]) => readAnnotation(key, value));
}

function planDevices(draft: Draft, devices: Resources['devices'], v2: boolean): UnitProperty[] {
  if (!mayRestrictDevices(draft)) return [];
  const pointer = '/linux/resources/devices';
  const { properties, exact } = deviceProperties(readDeviceRules(devices, pointer), v2);
  if (!exact && !v2) warn(draft, pointer, 'systemd cannot express these rules: after a daemon-reload it allows no device');
  return properties;
}

/** Whether the container belongs to a user's manager, rather than the machine's. */
function isUsers({ options, facts }: Draft): boolean {
  return options.rootless || facts.euid !== 0 || (facts.inUserNamespace && facts.systemd.ofUser);
}

/** The properties that update changes in an existing unit. */
export function planUnitChange(draft: Draft, change: Resources, v2: boolean): UnitProperty[] {
  const devices = change.devices === undefined ? [] : planDevices(draft, change.devices, v2);
  // OOMPolicy is fixed when a unit starts.
  return [...devices, ...resourceProperties(change, v2).filter(({ name }) => name !== 'OOMPolicy')];
}

/** The scope. Pure: PIDs=, which nobody knows yet, is added when it is started. */
export function planUnit(draft: Draft): UnitPlan {
  const { facts, spec, options } = draft;
  const user = isUsers(draft);
  if (!facts.systemd.running)
    throw new PockerError('E_CGROUP', 'the systemd cgroup manager requires systemd, which is not process 1 of this machine', {
      hint: 'Omit --systemd-cgroup',
    });
  const v2 = facts.cgroup.layout === 'v2';
  const { slice, name } = readUnitName(draft, user);
  const manager = user ? facts.systemd.userCgroup : facts.systemd.cgroup;
  return {
    manager: user ? 'user' : 'system',
    name,
    path: `${manager}${slicePath(slice)}/${name}`,
    properties: [
      text('Description', `container ${options.id}`),
      text('Slice', slice),
      flag('Delegate', true),
      flag('DefaultDependencies', false),
      ...['CPUAccounting', 'MemoryAccounting', 'TasksAccounting', v2 ? 'IOAccounting' : 'BlockIOAccounting'].map((one) =>
        flag(one, true),
      ),
      ...planDevices(draft, spec.linux?.resources?.devices, v2),
      ...resourceProperties(roundedQuota(spec.linux?.resources ?? {}), v2),
      ...planAnnotations(draft),
    ],
  };
}
