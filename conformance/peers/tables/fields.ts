// Each field of the schemas: null, empty, and at its limits.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../harness/config.js';
import { projectRoot } from '../../harness/runtime.js';
import { type PeerCase, type Table, userNamespace } from '../case.js';
import { fieldsOf, type Field } from '../schema.js';
import type { Site } from '../site.js';

/** What must exist for a field to exist: the least that its object accepts. */
const samples: Readonly<Record<string, unknown>> = {
  'hooks.*.0': { path: '/bin/true' },
  'mounts.0': { destination: '/m', type: 'tmpfs', source: 'tmpfs' },
  'mounts.0.*Mappings': [{ containerID: 0, hostID: 5, size: 1 }],
  'process.rlimits.0': { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
  'process.consoleSize': { height: 10, width: 20 },
  'process.ioPriority': { class: 'IOPRIO_CLASS_BE', priority: 4 },
  'process.scheduler': { policy: 'SCHED_OTHER' },
  'linux.devices.0': { path: '/dev/x', type: 'c', major: 1, minor: 3 },
  'linux.*Mappings.0': { containerID: 0, hostID: 100_000, size: 65_536 },
  'linux.namespaces.0': { type: 'mount' },
  'linux.resources.devices.0': { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
  'linux.resources.blockIO.*Device.0': { major: 254, minor: 0, rate: 1_000_000 },
  'linux.resources.blockIO.weightDevice.0': { major: 254, minor: 0, weight: 100 },
  'linux.resources.hugepageLimits.0': { pageSize: '2MB', limit: 0 },
  'linux.resources.network.priorities.0': { name: 'lo', priority: 1 },
  'linux.seccomp': { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'] },
  'linux.seccomp.syscalls.0': { names: ['mkdir'], action: 'SCMP_ACT_ERRNO' },
  'linux.seccomp.syscalls.0.args.0': { index: 1, value: 1, op: 'SCMP_CMP_EQ' },
  'linux.memoryPolicy': { mode: 'MPOL_BIND', nodes: '0' },
  'linux.personality': { domain: 'LINUX' },
  'linux.timeOffsets.*': { secs: 1, nanosecs: 0 },
};

function sampleOf(path: string): unknown {
  const exact = samples[path];
  const found =
    exact ??
    Object.entries(samples).find(
      ([key]) => key.includes('*') && new RegExp(`^${key.replaceAll('.', '\\.').replaceAll('*', '\\w+')}$`).test(path),
    )?.[1];
  return structuredClone(found);
}

/** Sets it, and makes what it needs around it. */
function put(config: Config, path: readonly string[], value: unknown): void {
  let place = config as unknown as Record<string, unknown>;
  for (const [index, key] of path.slice(0, -1).entries()) {
    const next = /^\d+$/.test(path[index + 1]!) ? [] : {};
    place[key] ??= sampleOf(path.slice(0, index + 1).join('.')) ?? next;
    place = place[key] as Record<string, unknown>;
  }
  place[path.at(-1)!] = value;
}

const values: Readonly<Record<string, (field: Field) => unknown>> = {
  null: () => null,
  empty: ({ type }) => ({ string: '', array: [], object: {}, integer: undefined, boolean: undefined })[type],
  least: ({ type, minimum }) => (type === 'integer' ? minimum : undefined),
  most: ({ type, maximum }) => (type === 'integer' ? maximum : undefined),
};

function caseOf(field: Field, name: string, value: unknown): PeerCase {
  const { path } = field;
  return {
    name: `fields/${path.join('.')} ${name}`,
    // Without namespaces, its mounts would be the host's.
    alone: ['linux', 'linux.namespaces'].includes(path.join('.')),
    prepare: (config: Config, site: Site) => {
      if (path.join('.').includes('Mappings') && path[0] === 'linux') userNamespace(config, site);
      if (path[1] === 'timeOffsets') config.linux.namespaces.push({ type: 'time' });
      put(config, path, value);
    },
  };
}

/** One of six kinds of hooks is enough, and one of four kinds of throttles. */
const repeated =
  /^hooks\.(?!createRuntime)\w+\.|^linux\.resources\.blockIO\.throttle(?!ReadBps)\w+\.0|^linux\.gidMappings\.0|^mounts\.0\.gidMappings\.0/;

const fields = fieldsOf(join(projectRoot, 'schema/oci'), (file) => readFileSync(file, 'utf8')).filter(
  ({ path }) => !repeated.test(path.join('.')),
);

export const fieldTable: Table = fields.flatMap((field) =>
  Object.entries(values)
    .map(([name, make]) => [name, make(field)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => caseOf(field, name, value)),
);
