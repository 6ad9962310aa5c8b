// Turns the flags that create, run and plan share into what the lifecycle takes.
import type { PlanRequest } from '../../runtime/plan.js';
import type { CreateOptions } from '../../runtime/create.js';
import type { Handover } from '../../init/handover.js';
import { absolute, notices, type Invocation } from '../invocation.js';

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
function path({ host, values }: Invocation, name: string): string | undefined {
  const value = values[name];
  return value === undefined || value === '' ? undefined : absolute(host, String(value));
}

function optional<K extends string>(key: K, value: string | undefined): Readonly<Partial<Record<K, string>>> {
  return (value === undefined ? {} : { [key]: value }) as Readonly<Partial<Record<K, string>>>;
}

/** The socket of a service manager that wants to hear from the program (sd_notify(3)). */
export function notifySocket({ host }: Invocation): { readonly notifySocket?: string } {
  const path = host.env('NOTIFY_SOCKET') ?? '';
  return optional('notifySocket', path === '' ? undefined : path);
}

export function planRequest(invocation: Invocation, id: string, bundle: string): PlanRequest {
  const { values, globals } = invocation;
  const sockets = listenFds(invocation);
  return {
    id,
    bundle,
    ...optional('configFile', path(invocation, 'config')),
    ...optional('consoleSocket', path(invocation, 'console-socket')),
    noPivot: values['no-pivot'] === true,
    noNewKeyring: values['no-new-keyring'] === true,
    preserveFds: sockets + Number(values['preserve-fds'] ?? 0),
    listenFds: sockets,
    cgroupManager: globals.cgroupManager,
    rootless: globals.rootless,
    ...notices(invocation),
  };
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

export function createOptions(invocation: Invocation): Omit<CreateOptions, 'detached'> {
  const { host, globals, args } = invocation;
  const bundle = path(invocation, 'bundle') ?? host.cwd();
  return {
    ...planRequest(invocation, args[0] ?? '', bundle),
    root: globals.root,
    ...notifySocket(invocation),
    ...handover(invocation),
  };
}
