// A command of the table: its description, and the code that carries it out.
import type { Invocation } from './invocation.js';
import type { CommandDescription } from './table.js';

export type { Flag } from './table.js';

export interface Command extends CommandDescription {
  /** Its code is loaded only when it runs. */
  readonly load: () => Promise<{ readonly run: (invocation: Invocation) => number }>;
}
