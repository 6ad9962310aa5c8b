// Paths of the command line, which are relative to the caller's working directory.
import type { Host } from '../host/host.js';

/** Absolute, but not resolved: engines find their own words in what state shows. */
export function absolute(host: Host, path: string): string {
  if (path.startsWith('/')) return path;
  const cwd = host.cwd();
  if (path === '' || path === '.') return cwd;
  return `${cwd === '/' ? '' : cwd}/${path.replace(/^(\.\/+)+/, '')}`;
}
