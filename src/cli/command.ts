// A command of the table: its description, and the code that carries it out.
import type { Invocation } from './invocation.js';
import type { CommandDescription } from './table.js';

export type { Flag } from './table.js';

export interface Command extends CommandDescription {
  /** Loads the command's code, only when it runs. */
  readonly load: () => Promise<{ readonly run: (invocation: Invocation) => number }>;
}
