// The steps as the bytes that pocker-init reads in place: an InitPlan of schema/plan.fbs.
import { PockerError } from '../errors.js';
import * as kind from '../flatbuffer/field-types.js';
import { fieldTypes, Operation, SeccompT, type Step } from './step.js';
import { Writer } from '../flatbuffer/writer.js';

/** Enough for most plans without a filter; the writer grows when it is not. */
const usualSize = 16_384;

const stepFields = ['type', kind.byte, 'operation', kind.offset | kind.required, 'pointer', kind.text];
const planFields = ['steps', kind.offset | kind.required];

function fieldsOf({ type, operation }: Step, program: Uint8Array | null): object {
  if (type !== Operation.Seccomp) return operation;
  if (program !== null && program.length > 0) return Object.assign(new SeccompT(), operation, { program });
  throw new PockerError('E_INTERNAL', 'the plan has a seccomp step, but no compiled filter');
}

function packStep(writer: Writer, step: Step, program: Uint8Array | null): number {
  const operation = writer.table(fieldTypes[step.type]!, fieldsOf(step, program));
  return writer.table(stepFields, { type: step.type, operation, pointer: step.pointer === '' ? null : step.pointer });
}

/** `program`: what Host.compileSeccomp made of the plan's filter, for its Seccomp step; null when the plan has none. */
export function encode(steps: readonly Step[], program: Uint8Array | null): Uint8Array {
  const writer = new Writer(usualSize + (program?.length ?? 0));
  const offsets = steps.map((one) => packStep(writer, one, program));
  return writer.finish(writer.table(planFields, { steps: writer.references(offsets) }), 'PKRP');
}
