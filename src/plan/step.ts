// The operations of schema/plan.fbs under one import path, and the one way to make a step.
import { Operation, StepT } from '../generated/plan/plan_generated.js';

export * from '../generated/plan/plan_generated.js';

type Wrapped = NonNullable<StepT['operation']>;

/** Operation type number of every object class. */
const numbers = new Map<string, Operation>();
for (const [name, number] of Object.entries(Operation)) if (typeof number === 'number') numbers.set(`${name}T`, number);

/** One step: `pointer` is the JSON pointer of the config field that asks for it, "" if none does. */
export function step(pointer: string, operation: Wrapped): StepT {
  return new StepT(numbers.get(operation.constructor.name) ?? Operation.NONE, operation, pointer);
}
