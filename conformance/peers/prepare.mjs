// Finds the peers: the newest runc, built with Go if that is installed, otherwise Debian's; and crun.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { find, root } from '../../scripts/run.mjs';

const folder = join(root, 'build/conformance/peers');
const day = 86_400_000;

/** With Go's own cache, this takes a second if nothing has changed; it is asked once a day. */
function newestRunc() {
  const path = join(folder, 'runc');
  if (existsSync(path) && Date.now() - statSync(path).ctimeMs < day) return path;
  const go = find('go');
  if (go === undefined) return find('runc');
  process.stderr.write('building the newest runc with go …\n');
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GOBIN: folder };
  const args = ['install', '-tags', 'seccomp', 'github.com/opencontainers/runc@latest'];
  const { status } = spawnSync(go, args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 10 * 60_000 });
  return status === 0 || existsSync(path) ? path : find('runc');
}

export function defaultPeers() {
  return [newestRunc(), find('crun')].filter((path) => path !== undefined);
}
