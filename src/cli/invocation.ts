// What main.ts makes of a command line, and hands to a command; what most commands need of it.
import { strictly, type Notices } from '../container/notices.js';
import type { Host } from '../host/host.js';
import type { Log } from '../log.js';
import type { CommandTable } from './table.js';

/** Values of flags by long name; a flag that was not given is absent. */
export type Values = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What a command gets. */
export interface Invocation {
  readonly host: Host;
  readonly log: Log;
  readonly globals: Globals;
  readonly values: Values;
  readonly args: readonly string[];
  /** All commands, for completion. */
  readonly table: CommandTable;
}

export interface Globals {
  /** Where state directories are. */
  readonly root: string;
  /** --root was given: if it does not exist, that is a mistake, not a machine without containers. */
  readonly rootGiven: boolean;
  readonly cgroupManager: 'cgroupfs' | 'systemd' | 'disabled';
  readonly rootless: boolean;
  /** --strict: whatever cannot be applied is an error. */
  readonly strict: boolean;
}

/** Warnings, and which of them --strict turns into errors. */
export function notices({ log, globals }: Invocation): Notices {
  return strictly((text, fields) => log.warn(text, fields), globals.strict);
}

/** A path on the command line, relative to the caller's directory: absolute, but not resolved: engines look for their own words in the output of state. */
export function absolute(host: Host, path: string): string {
  if (path.startsWith('/')) return path;
  const cwd = host.cwd();
  if (path === '' || path === '.') return cwd;
  return `${cwd === '/' ? '' : cwd}/${path.replace(/^(\.\/+)+/, '')}`;
}
