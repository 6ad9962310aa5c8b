// A pocker command: docker's name, flags and arguments, and the code that carries it out.
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
  /** Older names that scripts still use. */
  readonly otherNames?: readonly string[];
  /** A docker flag that pocker lacks: why, and what to do instead. Help and completion hide it. */
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
  /** In docker's long form: "container ls". */
  readonly name: string;
  /** Other names: "ps", "container list". */
  readonly aliases: readonly string[];
  readonly summary: string;
  /** Its arguments: "IMAGE [COMMAND] [ARG...]". */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  readonly flags: readonly EngineFlag[];
  /** Flags end at the first argument: the rest belongs to a program. */
  readonly ownWords?: boolean;
  /** Exit code when the command itself fails: 1 by default, 125 for run, as in docker. */
  readonly failure?: number;
  /** Not shown in help: conmon calls it. */
  readonly hidden?: boolean;
  /** Returns the exit code. */
  readonly load: () => Promise<{ readonly run: (call: Call) => number }>;
}
