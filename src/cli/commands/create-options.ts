// Turns the flags that create, run, restore and plan share into what the lifecycle takes.
import type { PlanRequest } from '../../runtime/plan.js';
import type { CreateOptions } from '../../runtime/create.js';
import { handover, listenFds, notices, notifySocket, optional, path, type Invocation } from '../invocation.js';

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
