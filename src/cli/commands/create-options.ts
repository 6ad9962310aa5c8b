// From the flags that create, run and plan share to what the lifecycle takes.
import type { PlanRequest } from '../../runtime/plan.js';
import type { CreateOptions } from '../../runtime/create.js';
import type { Handover } from '../../init/handover.js';
import type { Invocation } from '../invocation.js';
import { notices } from '../notices.js';
import { absolute } from '../paths.js';

/**
 * The sockets of systemd's (sd_listen_fds(3)). LISTEN_PID may be left out, as for crun, or be what the program will be, as podman
 * gives it; another one's are not for us.
 */
export function listenFds({ host }: Invocation): number {
  const count = Number(host.env('LISTEN_FDS') ?? '0');
  const meant = [null, '', '1', String(host.pid)].includes(host.env('LISTEN_PID'));
  return meant && Number.isInteger(count) && count > 0 && count < 2 ** 31 - 3 && host.isInherited(count + 2) ? count : 0;
}

/** The value of a path flag, absolute; the empty one is none, as engines give it. */
function path({ host, values }: Invocation, name: string): string | undefined {
  const value = values[name];
  return value === undefined || value === '' ? undefined : absolute(host, String(value));
}

function optional<K extends string>(key: K, value: string | undefined): Readonly<Partial<Record<K, string>>> {
  return (value === undefined ? {} : { [key]: value }) as Readonly<Partial<Record<K, string>>>;
}

/** Of a service manager that wants to hear from the program (sd_notify(3)). */
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

/** What is handed to the caller, but for whether somebody stays. */
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
