// The steps as the bytes that pocker-init reads in place: an InitPlan of schema/plan.fbs.
import { PockerError } from '../errors.js';
import * as kind from '../flatbuffer/field-types.js';
import { layoutOf } from '../flatbuffer/field-types.js';
import { fieldTypes, Operation, SeccompT, type Step } from './step.js';
import { Writer } from '../flatbuffer/writer.js';

/** Enough for most plans without a filter; if not, the writer grows. */
const usualSize = 16_384;

const stepLayout = layoutOf(
  ['type', kind.byte, 'operation', kind.union | kind.required],
  fieldTypes.map((types) => layoutOf(types)),
);
const planLayout = layoutOf(['steps', kind.tables | kind.required, 'trace', kind.byte], [stepLayout]);

/** The step with the filter in it; any other as it is. */
function withProgram(one: Step, program: Uint8Array | null): Step {
  if (one.type !== Operation.Seccomp) return one;
  if (program !== null && program.length > 0)
    return { ...one, operation: Object.assign(new SeccompT(), one.operation, { program }) };
  throw new PockerError('E_INTERNAL', 'the plan has a seccomp step, but no compiled filter');
}

/**
 * `program`: the result of Host.compileSeccomp for the plan's filter, for its Seccomp step; null if the plan has none. `trace`:
 * pocker-init reports how long each step takes.
 */
export function encode(plan: readonly Step[], program: Uint8Array | null, trace = false): Uint8Array {
  const steps = plan.map((one) => withProgram(one, program));
  const writer = new Writer(usualSize + (program?.length ?? 0));
  return writer.write({ steps, trace }, planLayout, 'PKRP');
}
