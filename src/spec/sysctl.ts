// Keys of linux.sysctl: sysctl(8).
import type { NamespaceType } from './rule.js';

const ofIpc = new Set(['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced']);

/**
 * The names of the directories and the file below /proc/sys. Whichever of "." and "/" comes first is the separator; the other one
 * is literal ("net.ipv4.conf.eno2/100.rp_filter" has a directory "eno2.100").
 */
export function sysctlParts(key: string): string[] {
  const dot = key.indexOf('.');
  const slash = key.indexOf('/');
  if (slash >= 0 && (dot < 0 || slash < dot)) return key.split('/');
  return key.split('.').map((part) => part.replaceAll('/', '.'));
}

/** The type of namespace that it belongs to; undefined if it belongs to the machine. */
export function sysctlNamespace([top, name, ...rest]: readonly string[]): NamespaceType | undefined {
  if (top === 'net') return 'network';
  if (top === 'user') return 'user';
  if (top === 'fs') return name === 'mqueue' && rest.length > 0 ? 'ipc' : undefined;
  if (top !== 'kernel' || rest.length > 0) return undefined;
  if (name === 'domainname' || name === 'hostname') return 'uts';
  return ofIpc.has(name ?? '') ? 'ipc' : undefined;
}
