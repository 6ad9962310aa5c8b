// Exports the operations of schema/plan.fbs under one path, with the only way to make a step.
import { Operation, operationClasses } from '../generated/plan.js';

export * from '../generated/plan.js';

export type StepOperation = InstanceType<(typeof operationClasses)[keyof typeof operationClasses]>;

export interface Step {
  readonly type: Operation;
  readonly operation: StepOperation;
  /** JSON pointer of the config field that asks for it, "" if none does. */
  readonly pointer: string;
}

/** By class, not by the class's name: bundlers rename classes. */
const types = new Map<unknown, Operation>(Object.values(operationClasses).map((type, index) => [type, index + 1]));

export function step(pointer: string, operation: StepOperation): Step {
  return { type: types.get(operation.constructor) ?? Operation.NONE, operation, pointer };
}

/** Name of a step's operation, as in schema/plan.fbs. */
export function operationName({ type }: Step): string {
  return Operation[type];
}

/** Makes an operation: a new object of its class with these fields; the others get the schema's defaults. */
export function make<T extends StepOperation>(type: new () => T, fields: Partial<T>): T {
  return Object.assign(new type(), fields);
}
