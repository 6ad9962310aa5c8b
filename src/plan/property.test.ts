import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { ByteBuffer } from 'flatbuffers';
import t from 'tap';
import { PockerError } from '../errors.js';
import { GivenValue, parseJson } from '../json/json.js';
import { judge } from '../spec/judge.js';
import { encode } from './encode.js';
import { factsOf, options, specOf } from './fixtures.js';
import { planToJson, printPlan } from './print/print.js';
import type { Plan } from './plan.js';
import { resolve } from './resolve.js';
import { configFields } from '../../conformance/harness/schema/values.js';
import type { Linux, Mount, Process, Spec } from './spec-types.js';
import { InitPlan, Operation as Read, type StepT } from '../generated/plan-reader/plan_generated.js';
import { Operation, type Step } from './step.js';
import { mountOptions } from './tables/mounts.js';
import { capabilityNames } from './tables/capabilities.js';
import { rlimits } from './tables/process.js';

/** JSON in which bigints are plain integers. */
function toText(value: unknown): string {
  const mark = '\u0001';
  const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${mark}${item}${mark}` : item));
  return text.replace(/"\\u0001(-?\d+)\\u0001"/g, '$1');
}

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

/** A valid config except for at most two of its fields, so that many of them become plans. */
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

/** A config with up to three fields that have any value that the schema allows. */
const fromSchema = fc
  .subarray(configFields() as ReturnType<typeof configFields>[number][], { minLength: 1, maxLength: 3 })
  .chain((fields) => fc.tuple(...fields.map(({ path: at, values }) => values.map((value) => [at, value] as const))))
  .map((values) => {
    const config = specOf() as unknown as Record<string, Record<string, unknown>>;
    for (const [[first = '', second], value] of values) {
      if (second === undefined) config[first] = value as Record<string, unknown>;
      else config[first]![second] = value;
    }
    return config;
  });

const machine = fc.record({
  layout: fc.constantFrom('v1', 'hybrid', 'v2', 'none'),
  euid: fc.constantFrom(0, 0, 0, 1000),
  inside: fc.boolean(),
  cgroupManager: fc.constantFrom('cgroupfs', 'cgroupfs', 'systemd'),
});

const printable = (plan: Plan): boolean => printPlan(plan).length > 0 && JSON.stringify(planToJson(plan)).length > 0;

/** Encodes its steps; reading them back gives the same steps. */
function encoded(plan: Plan): Uint8Array {
  const bytes = encode(plan.steps, plan.seccomp === null ? null : new Uint8Array(8));
  const back = InitPlan.getRootAsInitPlan(new ByteBuffer(bytes)).unpack().steps;
  const same = (one: StepT, { type, operation }: Step): boolean =>
    Read[one.operationType] === Operation[type] &&
    // The filter is not part of the plan's steps.
    (type === Operation.Seccomp || isDeepStrictEqual({ ...one.operation }, { ...operation }));
  const mismatch = back.findIndex((one, index) => !same(one, plan.steps[index]!));
  if (back.length !== plan.steps.length || mismatch >= 0) throw new Error(`step ${mismatch} came back as another one`);
  return bytes;
}

interface Machine {
  readonly layout: 'v1' | 'hybrid' | 'v2' | 'none';
  readonly euid: number;
  readonly inside: boolean;
  readonly cgroupManager: 'cgroupfs' | 'systemd' | 'disabled';
}

/** Resolves twice, to the same bytes. */
function planned(config: () => Spec, { layout, euid, inside, cgroupManager }: Machine): boolean {
  const facts = factsOf(layout, { euid, egid: euid, inUserNamespace: inside });
  const plan = resolve(config(), facts, { ...options, cgroupManager });
  const [bytes, again] = [encoded(plan), encoded(resolve(config(), facts, { ...options, cgroupManager }))];
  if (!printable(plan)) throw new Error('cannot be printed');
  if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index])) throw new Error('not the same twice');
  return true;
}

/** True if it was planned; false if it was refused with a code and, for a field, its pointer. */
function plannedOrRefused(run: () => boolean): boolean {
  try {
    return run();
  } catch (caught) {
    if (!(caught instanceof PockerError) || caught.code === 'E_INTERNAL') throw caught;
    if (caught.code === 'E_CONFIG_RULE' && caught.details.pointer === undefined) throw caught;
    return false;
  }
}

t.test('any config becomes a plan or a PockerError, and always the same one', (t) => {
  let count = 0;
  const property = fc.property(spec, machine, (config, on) => {
    if (plannedOrRefused(() => planned(() => judge(new GivenValue('config', config, '')).spec, on))) count += 1;
  });
  fc.assert(property, { numRuns: 500 });
  t.ok(count > 100, `${count} of 500 became plans`);
  t.end();
});

t.test('so does whatever the schema allows, starting from its text', (t) => {
  let count = 0;
  const property = fc.property(fromSchema, machine, (config, on) => {
    const text = toText(config);
    if (plannedOrRefused(() => planned(() => judge(parseJson('config', text)).spec, on))) count += 1;
  });
  fc.assert(property, { numRuns: 600 });
  t.ok(count > 60, `${count} of 600 became plans`);
  t.end();
});
