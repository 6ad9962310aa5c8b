// A command of pocker: docker's name, flags and arguments, and the code that carries it out.
import type { Engine } from '../engine.js';
import type { EngineValues } from '../flags/values.js';

export interface EngineFlag {
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** list: may be given several times. */
  readonly type: 'boolean' | 'string' | 'list';
  /** The name of the value in the help text. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly description: string;
  /** Its older names, which scripts still use. */
  readonly otherNames?: readonly string[];
  /** docker's, and not here: why, and what to do instead. Neither help nor completion shows it. */
  readonly refused?: string;
}

/** What a command gets. */
export interface Call {
  readonly engine: Engine;
  readonly values: EngineValues;
  readonly args: readonly string[];
  /** All commands, for completion. */
  readonly commands: readonly EngineCommand[];
}

export interface EngineCommand {
  /** As docker's long form: "container ls". */
  readonly name: string;
  /** Other ways to say it: "ps", "container list". */
  readonly aliases: readonly string[];
  readonly summary: string;
  /** Its arguments: "IMAGE [COMMAND] [ARG...]". */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  readonly flags: readonly EngineFlag[];
  /** Flags end at the first argument: the rest belongs to a program. */
  readonly ownWords?: boolean;
  /** Exit code when the command itself fails; 1 if not given, 125 for run, as docker's. */
  readonly failure?: number;
  /** Not shown in help: called by conmon. */
  readonly hidden?: boolean;
  /** Returns the exit code. */
  readonly load: () => Promise<{ readonly run: (call: Call) => number }>;
}
