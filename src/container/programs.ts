// Programs of the host that the runtime starts.
import type { Host } from '../host/host.js';

const X_OK = 1;

/** Looks the name up in PATH, which the engine may have left empty; undefined if it is not there. */
export function findProgram(host: Host, name: string): string | undefined {
  return (host.env('PATH') ?? '')
    .split(':')
    .concat('/usr/local/sbin', '/usr/sbin', '/usr/bin', '/sbin', '/bin')
    .map((directory) => `${directory}/${name}`)
    .find((candidate) => candidate.startsWith('/') && host.access(candidate, X_OK));
}
