// Finds the peers: runc in a recent version, built with Go if that is installed, otherwise Debian's; and crun.
import { existsSync, mkdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { find, root } from '../../scripts/run.mjs';

/** The newest when docs/differences.md was last renewed: another project's release must not fail our tests. */
const runcVersion = 'v1.5.3';
const folder = join(root, 'build/conformance/peers', runcVersion);

function newestRunc() {
  const path = join(folder, 'runc');
  if (existsSync(path)) return path;
  const go = find('go');
  if (go === undefined) return find('runc');
  process.stderr.write(`building runc ${runcVersion} with go …\n`);
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GOBIN: folder };
  const args = ['install', '-tags', 'seccomp', `github.com/opencontainers/runc@${runcVersion}`];
  const { status } = spawnSync(go, args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 10 * 60_000 });
  return status === 0 ? path : find('runc');
}

export function defaultPeers() {
  return [newestRunc(), find('crun')].filter((path) => path !== undefined);
}
