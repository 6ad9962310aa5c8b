// How parse.ts, completion.ts and the help texts see a command and a flag.
export interface Flag {
  /** Long name: "--name" and "-name" are the same, as in Go. */
  readonly name: string;
  readonly alias?: string;
  /** list: may be given several times. */
  readonly type: 'boolean' | 'string' | 'count' | 'list';
  /** The name of the value in the help text. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly description: string;
}

export interface CommandDescription {
  readonly name: string;
  readonly summary: string;
  /** Its arguments: "<container-id> [signal]". */
  readonly usage: string;
  /** What its first argument may be, if that is not an id. */
  readonly actions?: readonly string[];
  readonly min: number;
  readonly max: number;
  readonly flags: readonly Flag[];
  /** Everything after the first argument belongs to a program. */
  readonly ownWords?: boolean;
  /** Exit code when the command fails; 1 if not given. */
  readonly failure?: number;
}

export interface CommandTable {
  readonly globals: readonly Flag[];
  readonly commands: readonly CommandDescription[];
}
