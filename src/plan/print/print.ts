// A plan for people (`pocker-runc plan BUNDLE`) and for programs (`--format json`).
import { ruleText } from '../cgroup/device-rule.js';
import type { CgroupDirectory, IdMapping, Plan, UnitPlan } from '../plan.js';
import * as names from './words.js';
import { Message, operationName, RootMethod, type Step } from '../step.js';

type Field = readonly [name: string, value: unknown];

/** Fields whose zeros mean as much as any other number. */
const always = new Set([
  'SetUser.uid',
  'SetUser.gid',
  'SetHome.uid',
  'EnterRoot.method',
  'Device.major',
  'Device.minor',
  'DeviceNode.major',
  'DeviceNode.minor',
  'Rlimit.soft',
]);

/** The fields of an operation that say something: defaults of the schema are left out. */
function fieldsOf(one: Step): Field[] {
  const { operation } = one;
  const type = operation.constructor as new () => object;
  const unset = Object.entries(new type());
  return Object.entries(operation).filter(([name, value], index) => {
    if (Array.isArray(value)) return value.length > 0;
    return value !== unset[index]?.[1] || always.has(`${operationName(one)}.${name}`);
  });
}

type Format = (value: never) => string;

/** How to show a field, by name; "Operation.field" if the same name means different things. */
const formats: Readonly<Record<string, Format>> = {
  attributesSet: names.attributeNames,
  attributesClear: names.attributeNames,
  attributesUnnamed: names.attributeNames,
  timesClear: names.attributeNames,
  fallbackAttributes: names.attributeNames,
  recursiveSet: names.attributeNames,
  recursiveClear: names.attributeNames,
  propagation: names.propagationNames,
  'MountFilesystem.flags': names.mountFlagNames,
  'MountAttributes.flags': names.mountFlagNames,
  flagsClear: names.mountFlagNames,
  'Fork.flags': names.namespaceNames,
  'Unshare.flags': names.namespaceNames,
  'JoinNamespace.flag': names.namespaceNames,
  'Seccomp.flags': names.seccompFlagNames,
  mode: names.octal,
  mask: names.octal,
  resource: names.rlimitName,
  soft: names.limitValue,
  hard: names.limitValue,
  keep: names.capabilityList,
  effective: names.capabilityList,
  permitted: names.capabilityList,
  inheritable: names.capabilityList,
  ambient: names.capabilityList,
  send: (value: Message) => Message[value],
  expect: (value: Message) => Message[value],
  method: (value: RootMethod) => RootMethod[value],
};

function plain(value: unknown): string {
  if (typeof value === 'string') return /^[\w@%+=:,./-]+$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(plain).join(' ')}]`;
  return String(value);
}

function describe(one: Step): string {
  const operation = operationName(one);
  const words = fieldsOf(one).map(([name, value]) => {
    const format = formats[`${operation}.${name}`] ?? formats[name];
    const text = format === undefined || typeof value === 'object' ? plain(value) : format(value as never);
    return value === true ? name : `${name}=${text}`;
  });
  return [operation, ...words].join(' ');
}

const source = (pointer = ''): string => (pointer === '' ? '' : `   # ${pointer}`);

function stepLines({ steps }: Plan): string[] {
  const width = String(steps.length).length;
  return steps.map((one, index) => `  ${String(index).padStart(width)}  ${describe(one)}${source(one.pointer)}`);
}

function directoryLines({ controller, path, inherit, enable, files, devices, managed }: CgroupDirectory): string[] {
  const lines = [`  ${path}   (${controller === '' ? 'v2' : controller}${managed ? ', made by systemd' : ''})`];
  if (enable.length > 0) lines.push(`    parents: cgroup.subtree_control = ${enable.join(' ')}`);
  if (inherit.length > 0) lines.push(`    from the parent: ${inherit.join(', ')}`);
  for (const { file, value, pointer, optional, otherwise } of files) {
    const instead = otherwise === undefined ? '' : `, or ${otherwise.file} = ${otherwise.value}`;
    lines.push(`    ${file} = ${value}${instead}${optional === true ? ' (if there)' : ''}${source(pointer)}`);
  }
  for (const rule of devices)
    lines.push(`    device program: ${rule.allow ? 'allow' : 'deny'} ${ruleText(rule)}${source(rule.pointer)}`);
  return lines;
}

function unitLines(unit: UnitPlan | null): string[] {
  if (unit === null) return [];
  const lines = unit.properties.map(({ name, words, since }) => {
    return `    ${name} = ${words.map(plain).join(' ')}${since === undefined ? '' : ` (systemd ${since})`}`;
  });
  return [`  ${unit.name}   (of the ${unit.manager} manager)`, ...lines];
}

function cgroupLines({ cgroup }: Plan): string[] {
  const lines = [...unitLines(cgroup.unit), ...cgroup.directories.flatMap(directoryLines)];
  if (cgroup.intoCgroup !== '') lines.push(`  born in: ${cgroup.intoCgroup}`);
  if (cgroup.v1Cgroups.length > 0) lines.push(`  joined: ${cgroup.v1Cgroups.length} of them, by tasks`);
  if (cgroup.owner !== null) lines.push(`  owner: uid ${cgroup.owner}`);
  return lines.length > 0 ? lines : ['  none'];
}

const mappingText = ({ containerID, hostID, size }: IdMapping): string => `${containerID} → ${hostID} × ${size}`;

function userLines({ userNamespace }: Plan): string[] {
  if (userNamespace === null) return [];
  const { uidMappings, gidMappings, byHelper, denySetgroups } = userNamespace;
  return [
    `Id maps${byHelper ? ' (written by newuidmap and newgidmap)' : ''}:`,
    ...uidMappings.map((mapping) => `  uid ${mappingText(mapping)}`),
    ...gidMappings.map((mapping) => `  gid ${mappingText(mapping)}`),
    ...(denySetgroups ? ['  setgroups: deny'] : []),
  ];
}

function hostLines({ netDevices, rdt }: Plan): string[] {
  const lines: string[] = [];
  if (netDevices.length > 0) lines.push('Network devices moved into the container:');
  for (const { name, newName, pointer } of netDevices) lines.push(`  ${name} → ${newName}${source(pointer)}`);
  if (rdt === null) return lines;
  lines.push(`Intel RDT: ${rdt.directory}${rdt.make ? ' (made if missing)' : ''}`);
  for (const { line, pointer } of rdt.schemata) lines.push(`  schemata: ${line}${source(pointer)}`);
  if (rdt.monitoring !== '') lines.push(`  monitored by ${rdt.monitoring}`);
  return lines;
}

function hookLines({ hooks }: Plan): string[] {
  const lines = Object.entries(hooks).flatMap(([kind, list]) => {
    return list.map(({ path, args, timeoutMs, pointer }) => {
      return `  ${kind} ${path} ${plain(args)}${timeoutMs > 0 ? ` within ${timeoutMs} ms` : ''}${source(pointer)}`;
    });
  });
  return lines.length > 0 ? ['Hooks run by the runtime:', ...lines] : [];
}

function seccompLines({ seccomp }: Plan): string[] {
  if (seccomp === null) return [];
  const { filter, refuseNewer, listener } = seccomp;
  const counts = new Map<number, number>();
  for (const { action, names: calls } of filter.rules) counts.set(action, (counts.get(action) ?? 0) + calls.length);
  const rules = [...counts].map(([action, count]) => `  ${names.seccompActionName(action)}: ${count} system calls`);
  return [
    `Seccomp: ${names.seccompActionName(filter.defaultAction)} by default, ${filter.architectures.length || 'native'} architectures`,
    ...rules,
    ...(refuseNewer ? ['  ENOSYS for system calls newer than these'] : []),
    ...(listener === null ? [] : [`  notify fd to ${listener.path}`]),
  ];
}

/** Everything that create would do, in order, one line each, with the config field that it comes from. */
export function printPlan(plan: Plan): string {
  const lines = [
    `Container ${plan.id}`,
    `  bundle: ${plan.bundle}`,
    `  root:   ${plan.rootfs}`,
    `  new namespaces at once: ${names.namespaceNames(plan.cloneFlags)}`,
    ...userLines(plan),
    `Cgroups (${plan.cgroup.layout}):`,
    ...cgroupLines(plan),
    ...hostLines(plan),
    ...hookLines(plan),
    ...seccompLines(plan),
    `Init does, in this order (${plan.steps.length} steps):`,
    ...stepLines(plan),
    ...(plan.warnings.length > 0 ? ['Warnings:', ...plan.warnings.map(({ pointer, text }) => `  ${pointer}: ${text}`)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Integers that a JSON number holds exactly become numbers, others decimal strings. */
function safe(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(safe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, safe(entry)]));
}

function stepToJson(one: Step): unknown {
  const fields = Object.entries(one.operation).map(([name, value]) => [name, safe(value)] as const);
  return { operation: operationName(one), pointer: one.pointer, ...Object.fromEntries(fields) };
}

/** The whole plan in a form that JSON.stringify accepts. */
export function planToJson(plan: Plan): unknown {
  const { steps, ...rest } = plan;
  return { ...(safe(rest) as object), steps: steps.map(stepToJson) };
}
