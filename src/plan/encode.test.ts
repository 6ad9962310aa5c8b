import { ByteBuffer } from 'flatbuffers';
import t from 'tap';
import { encode } from './encode.js';
import { errorPointer, factsOf, planOf } from './fixtures.js';
import { InitPlan, Operation, type SeccompT as ReadSeccomp, type StepT } from '../generated/plan-reader/plan_generated.js';
import { make, operationClasses, operationName, SeccompT, step, type StepOperation } from './step.js';

/** Reads it with flatc's own code. */
function read(bytes: Uint8Array): StepT[] {
  const buffer = new ByteBuffer(bytes);
  t.ok(InitPlan.bufferHasIdentifier(buffer), 'carries the identifier');
  t.equal(bytes.length % 8, 0, 'has an aligned length');
  return InitPlan.getRootAsInitPlan(buffer).unpack().steps;
}

/** A value other than the default for every field, derived from the default. */
function filled(type: new () => StepOperation, position: number): StepOperation {
  const operation = new type();
  const fields = operation as unknown as Record<string, unknown>;
  for (const [index, [name, value]] of Object.entries(operation).entries()) {
    if (typeof value === 'bigint') fields[name] = (1n << 63n) - BigInt(index + position);
    else if (typeof value === 'boolean') fields[name] = !value;
    else if (typeof value === 'number') fields[name] = 1;
    else if (value === null) fields[name] = `${name} ü ${position}`;
    else fields[name] = listFor(`${type.name}.${name}`);
  }
  return operation;
}

/** Zero for every field, which is not the default of all fields. */
function zeroed(type: new () => StepOperation): StepOperation {
  const operation = new type();
  const fields = operation as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(operation)) {
    if (typeof value === 'bigint') fields[name] = 0n;
    else if (typeof value === 'boolean') fields[name] = false;
    else if (typeof value === 'number') fields[name] = 0;
    else if (value === null) fields[name] = '';
  }
  return operation;
}

function listFor(field: string): unknown[] {
  if (field === 'SetUserT.additionalGids') return [1, 4_294_967_295];
  if (field === 'MemoryPolicyT.nodes' || field === 'CpuAffinityT.mask') return [1n, 18_446_744_073_709_551_615n];
  return ['a', '', 'ü'];
}

t.test('every operation survives the round trip', (t) => {
  const types = Object.values(operationClasses).filter((type) => (type as unknown) !== SeccompT) as (new () => StepOperation)[];
  const steps = types.flatMap((type, position) => [
    step(`/field/${position}`, filled(type, position)),
    step('', filled(type, 1)),
    step('/zero', zeroed(type)),
  ]);
  const back = read(encode(steps, null));
  t.equal(back.length, steps.length);
  back.forEach((one, index) => {
    const expected = steps[index]!;
    t.same({ ...one.operation }, { ...expected.operation }, operationName(expected));
  });
  t.end();
});

t.test('the filter goes into its step', (t) => {
  const program = Uint8Array.from({ length: 50_000 }, (_, index) => index & 0xff);
  const [back] = read(encode([step('/linux/seccomp', make(SeccompT, { flags: 4, listener: true }))], program));
  t.match(back?.operation, { flags: 4, listener: true });
  t.same(Uint8Array.from((back!.operation as ReadSeccomp).program), program);
  t.equal(
    errorPointer(() => encode([step('', new SeccompT())], null)),
    'E_INTERNAL ',
  );
  t.end();
});

t.test('a real plan, twice the same', (t) => {
  const plan = planOf(
    { process: { env: Array.from({ length: 500 }, (_, index) => `V${index}=${'x'.repeat(index)}`) } },
    factsOf('hybrid'),
  );
  const bytes = encode(plan.steps, null);
  t.same(
    read(bytes).map(({ operationType }) => Operation[operationType]),
    plan.steps.map(operationName),
  );
  t.same(encode(plan.steps, null), bytes);
  t.end();
});

t.test('a missing required field is an internal error', (t) => {
  t.throws(() => encode([step('', new operationClasses.Hostname())], null), /required field/);
  t.end();
});
