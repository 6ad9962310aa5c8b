// What --trace records besides the calls: src/trace-events.ts.
import type { Received } from './init.js';

/** The name of a step of pocker-init, and the config field that it serves. */
export interface DescribedStep {
  readonly operation: string;
  readonly pointer: string;
  readonly path?: string;
  readonly mount?: { readonly line: string };
}

export interface Tracing {
  /** Runs `body` as an event with that name. `field`: the config field that it serves. */
  span<T>(name: string, field: string, body: () => T): T;
  /** Handles pocker-init's message `times`; `next` is what follows them, until it reports more. */
  steps(pid: number, times: Received, describe: (step: number) => DescribedStep | undefined, next: string): void;
  /** Its program runs. */
  executed(): void;
}
