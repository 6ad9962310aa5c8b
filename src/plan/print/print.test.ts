import t from 'tap';
import { factsOf, planOf } from '../fixtures.js';
import { planToJson, printPlan } from './print.js';

const plan = planOf(
  {
    process: {
      rlimits: [{ type: 'RLIMIT_CORE', soft: 18_446_744_073_709_551_615n, hard: 18_446_744_073_709_551_615n }],
      capabilities: { bounding: ['CAP_KILL'] },
    },
    linux: {
      namespaces: [{ type: 'mount' }, { type: 'user' }],
      uidMappings: [{ containerID: 0, hostID: 1000, size: 5 }],
      gidMappings: [{ containerID: 0, hostID: 1000, size: 5 }],
      resources: { memory: { limit: 100, swappiness: 5 } },
      seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a', 'b'], action: 'SCMP_ACT_ERRNO' }] },
    },
    root: {
      mounts: [{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro', 'nosuid'] }],
      hooks: { poststop: [{ path: '/h', timeout: 2 }] },
    },
  },
  factsOf('v2'),
);

t.test('for people', (t) => {
  const text = printPlan(plan);
  for (const line of [
    'MountFilesystem type=sysfs source=sysfs target=/sys flags=ro attributesSet=ro,nosuid fallback=/sys fallbackAttributes=ro,nosuid refuseSymlink   # /mounts/0',
    'Fork flags=mount,user   # /linux/namespaces',
    'Rlimit resource=RLIMIT_CORE soft=unlimited hard=unlimited',
    'DropBounding keep=CAP_KILL',
    'uid 0 → 1000 × 5',
    'memory.max = 100   # /linux/resources/memory/limit',
    'poststop /h [/h] within 2000 ms   # /hooks/poststop/0',
    'SCMP_ACT_ERRNO(1): 2 system calls',
    '/linux/resources/memory/swappiness: cgroup v2 has no such limit; ignored',
  ]) {
    t.ok(text.includes(line), line);
  }
  t.end();
});

t.test('for programs', (t) => {
  const json = JSON.parse(JSON.stringify(planToJson(plan))) as { steps: Record<string, unknown>[]; seccomp: unknown };
  t.match(
    json.steps.find(({ operation }) => operation === 'Rlimit'),
    { pointer: '/process/rlimits/0', resource: 4, soft: '18446744073709551615' },
  );
  t.match(
    json.steps.find(({ operation }) => operation === 'MountFilesystem'),
    { attributesSet: 3, target: '/sys' },
  );
  t.match(json, { id: 'c1', cgroup: { layout: 'v2' }, warnings: [{ pointer: '/linux/resources/memory/swappiness' }] });
  t.end();
});
