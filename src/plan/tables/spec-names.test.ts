// Every name that the specification's schema allows in these fields is planned, or refused at its place with a reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PockerError } from '../../errors.js';
import { factsOf, planOf, type SpecParts } from '../fixtures.js';
import { operationName } from '../step.js';
import { capabilityNames } from './capabilities.js';
import { rlimits } from './process.js';

interface Schema {
  readonly enum?: readonly string[];
  readonly definitions?: Record<string, Schema>;
}

const schema = JSON.parse(readFileSync(join(process.cwd(), 'schema/oci/defs-linux.json'), 'utf8')) as Schema;
const named = (definition: string): readonly string[] => schema.definitions?.[definition]?.enum ?? [];

/** config.md, POSIX process: getrlimit(2). */
const limits = 'AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK';

interface Row {
  readonly field: string;
  readonly names: readonly string[];
  /** A config with the name. */
  readonly config: (name: never) => SpecParts;
  /** Its pointer, and the operation that it becomes. */
  readonly pointer: string;
  readonly operation: string;
  /** Names that are refused, with the reason. */
  readonly refused?: Readonly<Record<string, RegExp>>;
  /** config.md requires a warning for unknown names, not an error. */
  readonly warns?: boolean;
}

const seccomp = (more: object): SpecParts => ({ linux: { seccomp: { defaultAction: 'SCMP_ACT_ERRNO', ...more } } });
const scheduler = (policy: string, flags: string[] = []): SpecParts => {
  return { process: { scheduler: { policy, flags } } } as unknown as SpecParts;
};
const memory = (mode: string, more: object = {}): SpecParts => {
  const nodes = ['MPOL_DEFAULT', 'MPOL_LOCAL'].includes(mode) ? {} : { nodes: '0' };
  return { linux: { memoryPolicy: { mode, ...nodes, ...more } } } as unknown as SpecParts;
};
const syscall = (more: object): SpecParts =>
  seccomp({ listenerPath: '/agent', syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_ALLOW', ...more }] });

const rows: readonly Row[] = [
  {
    field: 'process.capabilities',
    names: capabilityNames,
    config: (name) => ({ process: { capabilities: { bounding: [name] } } }),
    pointer: '/process/capabilities/bounding',
    operation: 'DropBounding',
    warns: true,
  },
  {
    field: 'process.rlimits',
    names: limits.split(' ').map((name) => `RLIMIT_${name}`),
    config: (name) => ({ process: { rlimits: [{ type: name, soft: 1, hard: 1 }] } }),
    pointer: '/process/rlimits/0',
    operation: 'Rlimit',
  },
  {
    field: 'process.scheduler.policy',
    names: named('SchedulerPolicy'),
    config: (name) => scheduler(name),
    pointer: '/process/scheduler',
    operation: 'Scheduler',
    refused: { SCHED_ISO: /no kernel has it/ },
  },
  {
    field: 'process.scheduler.flags',
    names: named('SchedulerFlag'),
    config: (name) => scheduler('SCHED_OTHER', [name]),
    pointer: '/process/scheduler',
    operation: 'Scheduler',
  },
  {
    field: 'process.ioPriority.class',
    names: ['IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE'],
    config: (name) => ({ process: { ioPriority: { class: name, priority: 1 } } }),
    pointer: '/process/ioPriority',
    operation: 'IoPriority',
  },
  {
    field: 'linux.memoryPolicy.mode',
    names: named('MemoryPolicyMode'),
    config: (name) => memory(name),
    pointer: '/linux/memoryPolicy',
    operation: 'MemoryPolicy',
  },
  {
    field: 'linux.memoryPolicy.flags',
    names: named('MemoryPolicyFlag'),
    config: (name) => memory('MPOL_BIND', { flags: [name] }),
    pointer: '/linux/memoryPolicy',
    operation: 'MemoryPolicy',
  },
  {
    field: 'linux.personality.domain',
    names: named('PersonalityDomain'),
    config: (name) => ({ linux: { personality: { domain: name } } }),
    pointer: '/linux/personality',
    operation: 'Personality',
  },
  {
    field: 'linux.seccomp.defaultAction',
    names: named('SeccompAction'),
    config: (name) => seccomp({ defaultAction: name }),
    pointer: '/linux/seccomp',
    operation: 'Seccomp',
    refused: { SCMP_ACT_NOTIFY: /cannot be the default/ },
  },
  {
    field: 'linux.seccomp.syscalls.action',
    names: named('SeccompAction'),
    config: (name) => syscall({ action: name }),
    pointer: '/linux/seccomp',
    operation: 'Seccomp',
  },
  {
    field: 'linux.seccomp.syscalls.args.op',
    names: named('SeccompOperators'),
    config: (name) => syscall({ args: [{ index: 0, value: 1, op: name }] }),
    pointer: '/linux/seccomp',
    operation: 'Seccomp',
  },
  {
    field: 'linux.seccomp.architectures',
    names: named('SeccompArch'),
    config: (name) => seccomp({ architectures: [name] }),
    pointer: '/linux/seccomp',
    operation: 'Seccomp',
  },
  {
    field: 'linux.seccomp.flags',
    names: named('SeccompFlag'),
    config: (name) => seccomp({ flags: [name] }),
    pointer: '/linux/seccomp',
    operation: 'Seccomp',
  },
];

function refusal(parts: SpecParts): PockerError {
  try {
    planOf(parts, factsOf('v2'));
  } catch (caught) {
    if (caught instanceof PockerError) return caught;
    throw caught;
  }
  throw new Error(`planned: ${JSON.stringify(parts)}`);
}

for (const { field, names, config, pointer, operation, refused = {}, warns } of rows) {
  t.test(field, (t) => {
    t.ok(names.length > 1, 'the specification has names');
    for (const name of names) {
      const reason = refused[name];
      if (reason !== undefined) {
        const { message, details } = refusal(config(name as never));
        t.match(message, reason, name);
        t.match(details.pointer, pointer);
        continue;
      }
      const step = planOf(config(name as never), factsOf('v2')).steps.find(
        (one) => operationName(one) === operation && one.pointer.startsWith(pointer),
      );
      t.ok(step, `${name} becomes ${operation}`);
    }
    for (const unknown of ['', 'NO_SUCH_NAME', 'constructor', names[0]!.toLowerCase()]) {
      if (warns === true) {
        t.match(planOf(config(unknown as never), factsOf('v2')).warnings[0]?.pointer, pointer, JSON.stringify(unknown));
        continue;
      }
      const { code, details } = refusal(config(unknown as never));
      t.equal(code, 'E_CONFIG_RULE');
      t.match(details.pointer, pointer, JSON.stringify(unknown));
    }
    t.end();
  });
}

t.test('the tables have no names beyond the specification', (t) => {
  t.same(Object.keys(rlimits).sort(), rows[1]?.names);
  t.equal(capabilityNames.length, 41, 'include/uapi/linux/capability.h: CAP_LAST_CAP is 40');
  t.equal(new Set(capabilityNames).size, 41);
  t.end();
});
