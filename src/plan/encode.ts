// The steps as the bytes that pocker-init reads in place: an InitPlan of schema/plan.fbs.
import { PockerError } from '../errors.js';
import { InitPlan, Operation, Seccomp, Step, type SeccompT, type StepT } from './step.js';
import { Writer } from './writer.js';

/** Enough for most plans without a filter; the writer grows when it is not. */
const usualSize = 16_384;

/** pack() would copy the program byte by byte. */
function packSeccomp(writer: Writer, operation: SeccompT, program: Uint8Array | null): number {
  if (program === null || program.length === 0)
    throw new PockerError('E_INTERNAL', 'the plan has a seccomp step, but no compiled filter');
  return Seccomp.createSeccomp(writer.builder, writer.createBytes(program), operation.flags, operation.listener);
}

function packStep(writer: Writer, { operationType, operation, pointer }: StepT, program: Uint8Array | null): number {
  const packed =
    operationType === Operation.Seccomp
      ? packSeccomp(writer, operation as SeccompT, program)
      : writer.createObjectOffset(operation);
  const field = pointer === '' ? 0 : writer.createString(pointer);
  return Step.createStep(writer.builder, operationType, packed, field);
}

/** `program`: what Host.compileSeccomp made of the plan's filter, for its Seccomp step; null when the plan has none. */
export function encode(steps: readonly StepT[], program: Uint8Array | null): Uint8Array {
  const writer = new Writer(usualSize + (program?.length ?? 0));
  const offsets = steps.map((one) => packStep(writer, one, program));
  const root = InitPlan.createInitPlan(writer.builder, InitPlan.createStepsVector(writer.builder, offsets));
  return writer.finish(root, 'PKRP');
}
