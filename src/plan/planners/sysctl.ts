// linux.sysctl: only what belongs to a namespace that the container does not share with the host.
import { add, refuse, type Draft } from '../draft.js';
import { pointerKey } from '../paths.js';
import type { Linux } from '../spec-types.js';
import { make, WriteProcT } from '../step.js';
import type { NamespaceType } from '../tables/namespaces.js';

const ipcNames = new Set(['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced']);

/**
 * Names of the directories and the file below /proc/sys. sysctl(8): whichever of "." and "/" comes first separates, the other
 * one stands for itself ("net.ipv4.conf.eno2/100.rp_filter" has a directory "eno2.100").
 */
export function sysctlParts(key: string): string[] {
  const dot = key.indexOf('.');
  const slash = key.indexOf('/');
  if (slash >= 0 && (dot < 0 || slash < dot)) return key.split('/');
  return key.split('.').map((part) => part.replaceAll('/', '.'));
}

/** The type of namespace a sysctl belongs to, if any. */
function namespaceOf(parts: readonly string[]): NamespaceType | undefined {
  const [top, name] = parts;
  if (top === 'net') return 'network';
  if (top === 'user') return 'user';
  if (top === 'fs') return name === 'mqueue' ? 'ipc' : undefined;
  if (top !== 'kernel' || parts.length !== 2) return undefined;
  if (name === 'domainname' || name === 'hostname') return 'uts';
  return ipcNames.has(name ?? '') ? 'ipc' : undefined;
}

function isShared(draft: Draft, type: NamespaceType): boolean {
  if (!draft.namespaces.has(type)) return true;
  const joined = draft.namespaces.joined(type);
  return type === 'network' && joined !== undefined && draft.facts.isOwnNamespace(joined.path, 'net');
}

function check(draft: Draft, key: string, parts: readonly string[], pointer: string): void {
  if (parts.length < 2 || parts.some((part) => part === '' || part === '.' || part === '..'))
    refuse(pointer, `${JSON.stringify(key)} is no name of a sysctl`);
  const type = namespaceOf(parts);
  if (type === undefined)
    refuse(pointer, `sysctl ${JSON.stringify(key)} is not in a separate kernel namespace`, 'It would change the host.');
  if (isShared(draft, type)) {
    refuse(
      pointer,
      `sysctl ${JSON.stringify(key)} is not allowed in the host's ${type} namespace`,
      `Add {"type": "${type}"} to linux.namespaces.`,
    );
  }
  if (parts[1] === 'hostname') refuse(pointer, `sysctl ${JSON.stringify(key)} conflicts with the field "hostname"`);
}

export function planSysctl(draft: Draft, sysctl: Linux['sysctl'], pointer: string): void {
  if (sysctl === undefined) return;
  for (const [key, value] of Object.entries(sysctl)) {
    const field = `${pointer}/${pointerKey(key)}`;
    const parts = sysctlParts(key);
    check(draft, key, parts, field);
    add(draft, 'kernel', field, make(WriteProcT, { path: `/proc/sys/${parts.join('/')}`, value }));
  }
}
