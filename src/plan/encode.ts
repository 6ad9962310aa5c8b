// The steps as the bytes that pocker-init reads in place: an InitPlan of schema/plan.fbs.
import { Builder } from 'flatbuffers';
import { InitPlan, InitPlanT, Operation, SeccompT, StepT } from './step.js';

export function encode(steps: readonly StepT[], seccompProgram: Uint8Array | null): Uint8Array {
  const builder = new Builder(16_384);
  builder.finish(new InitPlanT([...steps]).pack(builder), 'PKRP');
  return builder.asUint8Array();
}
