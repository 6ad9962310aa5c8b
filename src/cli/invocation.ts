// What main.ts makes of a command line and passes to a command.
import { strictly, type Notices } from '../container/notices.js';
import type { Host } from '../host/host.js';
import type { Handover } from '../init/handover.js';
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
  /** --root was given: a missing directory is a mistake, not a machine without containers. */
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

/**
 * The number of sockets from systemd (sd_listen_fds(3)). LISTEN_PID may be unset, as for crun, or be the pid that the program
 * will have, as podman sets it. Sockets for any other pid are not for us.
 */
export function listenFds({ host }: Invocation): number {
  const count = Number(host.env('LISTEN_FDS') ?? '0');
  const meant = [null, '', '1', String(host.pid)].includes(host.env('LISTEN_PID'));
  return meant && Number.isInteger(count) && count > 0 && count < 2 ** 31 - 3 && host.isInherited(count + 2) ? count : 0;
}

/** The absolute path of a path flag. Engines pass an empty one for none. */
export function path({ host, values }: Invocation, name: string): string | undefined {
  const value = values[name];
  return value === undefined || value === '' ? undefined : absolute(host, String(value));
}

export function optional<K extends string>(key: K, value: string | undefined): Readonly<Partial<Record<K, string>>> {
  return (value === undefined ? {} : { [key]: value }) as Readonly<Partial<Record<K, string>>>;
}

/** The socket of a service manager that wants to hear from the program (sd_notify(3)). */
export function notifySocket({ host }: Invocation): { readonly notifySocket?: string } {
  const path = host.env('NOTIFY_SOCKET') ?? '';
  return optional('notifySocket', path === '' ? undefined : path);
}

/** The handover to the caller, without `detached`. */
export function handover(invocation: Invocation): Omit<Handover, 'detached'> {
  return {
    ...optional('consoleSocket', path(invocation, 'console-socket')),
    ...optional('pidFile', path(invocation, 'pid-file')),
    ...optional('pidfdSocket', path(invocation, 'pidfd-socket')),
    preserveFds: listenFds(invocation) + Number(invocation.values['preserve-fds'] ?? 0),
  };
}
