#!/usr/bin/env node
// Compares our runtime with its peers (see main.ts). Needs root, and build/js from `npx tsc -p .`.
//   conformance/peers/run.mjs [--peer PATH]… [--jobs N] [CASE…]      --document: writes docs/differences.md, and runs nothing
import { existsSync, mkdtempSync, rmdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, root, run } from '../../scripts/run.mjs';
import { defaultPeers } from './prepare.mjs';

const options = {
  peer: { type: 'string', multiple: true, default: [] },
  jobs: { type: 'string' },
  document: { type: 'boolean' },
};
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const load = (name) => import(join(root, 'build/js/conformance/peers', name));
if (values.document) {
  const [{ documentOf }, { chapters }] = await Promise.all([load('document.js'), load('differences.js')]);
  writeFileSync(join(root, 'docs/differences.md'), documentOf(chapters));
  process.exit();
}
if (process.getuid() !== 0) fail('containers with cgroups need root');

/** Runs in its own mount namespace, without what runtimes would otherwise damage or refuse. */
function isolate() {
  // Some give the host's devices to the container's user.
  const dev = mkdtempSync(join(tmpdir(), 'pkr-dev-'));
  run('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', dev]);
  run('cp', ['-ax', '/dev/.', dev]);
  for (const name of ['pts', 'shm']) run('mount', ['--rbind', `/dev/${name}`, join(dev, name)]);
  run('mount', ['--move', dev, '/dev']);
  rmdirSync(dev);
  // crun refuses to run if a hybrid machine's v2 hierarchy is mounted.
  const unified = '/sys/fs/cgroup/unified';
  if (existsSync(`${unified}/cgroup.controllers`)) run('umount', [unified]);
}

if (process.env.POCKER_PEERS_INSIDE === undefined) {
  const peers = values.peer.length > 0 ? values.peer : defaultPeers();
  const words = [...peers.flatMap((path) => ['--peer', path]), ...(values.jobs === undefined ? [] : ['--jobs', values.jobs])];
  // With mounts of conformance cases that are running now, we would count as processes of theirs.
  const alone = `cut -d ' ' -f 5 /proc/self/mountinfo | grep /pkr-case- | sort -r | xargs -r umount -l; exec "$0" "$@"`;
  const again = ['-m', 'sh', '-c', alone, process.execPath, process.argv[1], ...words, ...positionals];
  const { status } = spawnSync('unshare', again, { stdio: 'inherit', env: { ...process.env, POCKER_PEERS_INSIDE: '1' } });
  process.exitCode = status ?? 1;
} else {
  isolate();
  const { main, defaultJobs } = await load('main.js');
  process.exitCode = await main({ peers: values.peer, jobs: Number(values.jobs ?? defaultJobs), cases: positionals });
}
