import type { Host } from '../../host/host.js';
import { execInContainer } from '../../runtime/exec.js';
import { withConfinement } from '../../runtime/exec-process.js';
import type { Process } from '../../plan/spec-types.js';
import { absolute, handover, listenFds, notices, type Invocation } from '../invocation.js';
import { usageError } from '../parse.js';
import { processPart } from '../../spec/parts.js';
import { readPart } from './part-file.js';

const list = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));

/** Rejects the largest id: to the kernel it means "no id", which would leave the process what it was: root. */
function id(text: string, what: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 0xffff_ffff)
    throw usageError(`${what} ${JSON.stringify(text)} is not a number`);
  return Number(text);
}

function user(own: Process['user'], { values }: Invocation): Process['user'] {
  const text = String(values['user'] ?? '');
  const [, uid, gid] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  return {
    ...own,
    ...(uid === undefined || text === '' ? {} : { uid: id(uid, 'uid') }),
    ...(gid === undefined ? {} : { gid: id(gid, 'gid') }),
    ...(values['additional-gids'] === undefined
      ? {}
      : { additionalGids: [...(own?.additionalGids ?? []), ...list(values['additional-gids']).map((gid) => id(gid, 'gid'))] }),
  };
}

/**
 * Adds to the sets that a program without file capabilities keeps, but not to inheritable (CVE-2022-29162). A capability becomes
 * ambient only if it is inheritable already.
 */
function capabilities(own: Process['capabilities'], names: readonly string[]): Process['capabilities'] {
  const added = (set: readonly string[] | undefined): string[] => [...new Set([...(set ?? []), ...names])];
  const inheritable = names.filter((name) => own?.inheritable?.includes(name));
  return {
    ...own,
    bounding: added(own?.bounding),
    effective: added(own?.effective),
    permitted: added(own?.permitted),
    ...(inheritable.length === 0 ? {} : { ambient: [...new Set([...(own?.ambient ?? []), ...inheritable])] }),
  };
}

/** What the flags say; everything else is as in the container's first process. */
function overridden(own: Process | undefined, invocation: Invocation): Process {
  const { values, args } = invocation;
  const base = own ?? { cwd: '/', args: [] };
  const caps = list(values['cap']);
  return {
    ...base,
    args: args.slice(1),
    terminal: values['tty'] === true,
    cwd: String(values['cwd'] ?? base.cwd),
    env: [...(base.env ?? []), ...list(values['env'])],
    user: user(base.user, invocation),
    ...(caps.length === 0 ? {} : { capabilities: capabilities(base.capabilities, caps) }),
    ...(values['apparmor'] === undefined ? {} : { apparmorProfile: String(values['apparmor']) }),
    ...(values['process-label'] === undefined ? {} : { selinuxLabel: String(values['process-label']) }),
    ...(values['no-new-privs'] === undefined ? {} : { noNewPrivileges: values['no-new-privs'] === true }),
  } as Process;
}

/** The file of --process: a process object, judged like the one of a config. Standard input belongs to the process. */
function readProcess(host: Host, path: string): Process {
  return readPart(host, path === '-' ? './-' : path, processPart, 'process').value;
}

/** Returns the program's exit code, or 255 when exec itself fails, as with runc. */
export function run(invocation: Invocation): number {
  const { host, globals, values, args } = invocation;
  const file = values['process'] === undefined ? undefined : absolute(host, String(values['process']));
  if (file === undefined && args.length < 2)
    throw usageError('process args cannot be empty', 'Give a program and its arguments, or --process');
  const sockets = listenFds(invocation);
  return execInContainer(host, {
    ...handover(invocation),
    root: globals.root,
    id: args[0] ?? '',
    process: (own) => (file === undefined ? overridden(own, invocation) : withConfinement(readProcess(host, file), own)),
    cgroups: list(values['cgroup']),
    ignorePaused: values['ignore-paused'] === true,
    detached: values['detach'] === true,
    listenFds: sockets,
    rootless: globals.rootless,
    ...notices(invocation),
  });
}
