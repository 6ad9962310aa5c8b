// What a command and a flag are to parse.ts, help.ts and completion.ts.
export interface Flag {
  /** Long name: "--name" and "-name" are the same, as in Go. */
  readonly name: string;
  readonly alias?: string;
  /** list: may be given several times. */
  readonly type: 'boolean' | 'string' | 'count' | 'list';
  /** What a value is called in help. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly description: string;
}

export interface CommandDescription {
  readonly name: string;
  readonly summary: string;
  /** Of its arguments: "<container-id> [signal]". */
  readonly usage: string;
  /** What its first argument may be, where that is no id. */
  readonly actions?: readonly string[];
  readonly min: number;
  readonly max: number;
  readonly flags: readonly Flag[];
  /** What follows the first argument belongs to a program. */
  readonly ownWords?: boolean;
  /** Exit code of its failures, 1 if not given. */
  readonly failure?: number;
}

export interface CommandTable {
  readonly globals: readonly Flag[];
  readonly commands: readonly CommandDescription[];
}
