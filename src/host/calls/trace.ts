// What --trace is told besides the calls: src/trace-events.ts.
import type { Received } from './init.js';

/** What a step of pocker-init is called, and the config field that it serves. */
export interface DescribedStep {
  readonly operation: string;
  readonly pointer: string;
  readonly path?: string;
  readonly mount?: { readonly line: string };
}

export interface Tracing {
  /** Runs `body` as an event of that name. `field`: the config field that it serves. */
  span<T>(name: string, field: string, body: () => T): T;
  /** The message `times` of pocker-init; `next` is what comes after them, until it tells more. */
  steps(pid: number, times: Received, describe: (step: number) => DescribedStep | undefined, next: string): void;
  /** Its program runs. */
  executed(): void;
}
