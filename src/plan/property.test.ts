import fc from 'fast-check';
import t from 'tap';
import { PockerError } from '../errors.js';
import { encode } from './encode.js';
import { factsOf, options, specOf } from './fixtures.js';
import { planToJson, printPlan } from './print.js';
import type { Plan } from './plan.js';
import { resolve } from './resolve.js';
import type { Linux, Mount, Process, Spec } from './spec-types.js';
import { mountOptions } from './tables/mounts.js';
import { capabilityNames } from './tables/capabilities.js';
import { rlimits } from './tables/process.js';

const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 4) => fc.array(arbitrary, { maxLength });
const id = fc.oneof(fc.constantFrom(0, 1, 1000), fc.nat(0xffff_ffff));
const integer64 = fc.oneof(fc.nat(), fc.constantFrom(0, -1), fc.bigInt(-(1n << 63n), (1n << 63n) - 1n));
const unsigned64 = fc.oneof(fc.nat(), fc.bigInt(0n, (1n << 64n) - 1n));
const path = fc.oneof(fc.constantFrom('/', '/proc', '/dev', '/sys/fs/cgroup', 'rel', '/a/../b', ''), fc.string());

const mount: fc.Arbitrary<Mount> = fc.record(
  {
    destination: path,
    source: path,
    type: fc.constantFrom('proc', 'tmpfs', 'cgroup', 'bind', 'none', 'sysfs'),
    options: some(fc.oneof(fc.constantFrom(...mountOptions.keys()), fc.string())),
  },
  { requiredKeys: ['destination'] },
);

const namespaces = fc.uniqueArray(
  fc.record({
    type: fc.constantFrom('mount', 'pid', 'network', 'uts', 'ipc', 'user', 'cgroup', 'time'),
    path: fc.constantFrom('', '/proc/1/ns/x'),
  }),
  { selector: ({ type }) => type },
);
const mappings = some(fc.record({ containerID: id, hostID: id, size: id }), 2);

const resources = fc.record(
  {
    memory: fc.record(
      { limit: integer64, swap: integer64, reservation: integer64, swappiness: unsigned64 },
      { requiredKeys: [] },
    ),
    cpu: fc.record({ shares: unsigned64, quota: integer64, period: unsigned64, cpus: fc.string() }, { requiredKeys: [] }),
    pids: fc.record({ limit: integer64 }),
    unified: fc.dictionary(fc.string(), fc.string()),
    devices: some(
      fc.record(
        {
          allow: fc.boolean(),
          type: fc.constantFrom('a', 'b', 'c', 'x'),
          major: integer64,
          access: fc.constantFrom('rwm', '', 'z'),
        },
        { requiredKeys: ['allow'] },
      ),
    ),
  },
  { requiredKeys: [] },
);

const linux = fc.record(
  {
    namespaces,
    uidMappings: mappings,
    gidMappings: mappings,
    resources,
    cgroupsPath: path,
    sysctl: fc.dictionary(fc.oneof(fc.constantFrom('net.a', 'kernel.sem'), fc.string()), fc.string()),
    maskedPaths: some(path),
    readonlyPaths: some(path),
    rootfsPropagation: fc.constantFrom('private', 'shared', 'slave', 'unbindable'),
    devices: some(
      fc.record(
        { path, type: fc.constantFrom('c', 'b', 'u', 'p'), major: integer64, minor: integer64 },
        { requiredKeys: ['path', 'type'] },
      ),
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Linux>;

const capabilities = some(fc.oneof(fc.constantFrom(...capabilityNames), fc.string()));
const process = fc.record(
  {
    cwd: path,
    args: some(fc.string()),
    env: some(fc.oneof(fc.constantFrom('PATH=/bin', 'HOME='), fc.string())),
    terminal: fc.boolean(),
    user: fc.record({ uid: id, gid: id, umask: fc.nat(0o1000), additionalGids: some(id) }, { requiredKeys: [] }),
    capabilities: fc.record({ bounding: capabilities, effective: capabilities, permitted: capabilities }, { requiredKeys: [] }),
    rlimits: some(fc.record({ type: fc.constantFrom(...Object.keys(rlimits)), soft: unsigned64, hard: unsigned64 })),
    noNewPrivileges: fc.boolean(),
    oomScoreAdj: fc.integer(),
  },
  { requiredKeys: ['cwd'] },
) as fc.Arbitrary<Process>;

/** A config that is right but for at most two of its fields, so that many of them become plans. */
const spec: fc.Arbitrary<Spec> = fc
  .tuple(process, linux, some(mount, 3), some(fc.constantFrom('process', 'linux', 'mounts'), 2), fc.nat(20))
  .map(([oneProcess, oneLinux, mounts, kinds, which]) => {
    const pick = <T extends object>(from: T): Partial<T> => {
      const keys = Object.keys(from) as (keyof T)[];
      const key = keys[which % Math.max(keys.length, 1)];
      return key === undefined ? {} : ({ [key]: from[key] } as unknown as Partial<T>);
    };
    return specOf({
      process: kinds.includes('process') ? pick(oneProcess) : {},
      linux: kinds.includes('linux') ? pick(oneLinux) : {},
      root: kinds.includes('mounts') ? { mounts } : {},
    });
  });

const machine = fc.record({
  layout: fc.constantFrom('v1', 'hybrid', 'v2', 'none'),
  euid: fc.constantFrom(0, 0, 0, 1000),
  inside: fc.boolean(),
  cgroupManager: fc.constantFrom('cgroupfs', 'cgroupfs', 'systemd'),
});

const printable = (plan: Plan): boolean => printPlan(plan).length > 0 && JSON.stringify(planToJson(plan)).length > 0;

t.test('any config becomes a plan or a PockerError, and always the same one', (t) => {
  let planned = 0;
  const property = fc.property(spec, machine, (config, { layout, euid, inside, cgroupManager }) => {
    const facts = factsOf(layout, { euid, egid: euid, inUserNamespace: inside });
    try {
      const plan = resolve(config, facts, { ...options, cgroupManager });
      const bytes = encode(plan.steps, null);
      const again = encode(resolve(config, facts, { ...options, cgroupManager }).steps, null);
      planned++;
      return again.length === bytes.length && again.every((byte, index) => byte === bytes[index]) && printable(plan);
    } catch (caught) {
      if (!(caught instanceof PockerError)) throw caught;
      return caught.code !== 'E_INTERNAL';
    }
  });
  fc.assert(property, { numRuns: 500 });
  t.ok(planned > 100, `${planned} of 500 became plans`);
  t.end();
});
