// Paths on the command line, which are relative to the caller's working directory.
import type { Host } from '../host/host.js';

/** Absolute, but not resolved: engines look for their own words in the output of state. */
export function absolute(host: Host, path: string): string {
  if (path.startsWith('/')) return path;
  const cwd = host.cwd();
  if (path === '' || path === '.') return cwd;
  return `${cwd === '/' ? '' : cwd}/${path.replace(/^(\.\/+)+/, '')}`;
}
