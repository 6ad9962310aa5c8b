// Builds the suite's programs with Go if they are missing or go.mod has changed.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { binFolder, buildFolder, rootfsName, suiteFolder } from './paths.mjs';

const module = 'github.com/opencontainers/runtime-tools';
const stampFile = path.join(buildFolder, 'stamp');

/** Names of the validation programs, from go.mod's tool lines. */
export function programNames() {
  const text = readFileSync(path.join(suiteFolder, 'go.mod'), 'utf8');
  return [...text.matchAll(/runtime-tools\/validation\/(\w+)$/gm)].map((match) => match[1]).sort();
}

function go(args) {
  // Programs without cgo run in any root filesystem; with -mod=readonly, go.sum decides what is built.
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
  const { error, status, stdout, stderr } = spawnSync('go', args, { cwd: suiteFolder, env, encoding: 'utf8' });
  if (error !== undefined)
    throw new Error(`cannot run go (${error.code}): install Go 1.24 or newer to build the validation suite`);
  if (status !== 0) throw new Error(`go ${args[0]} failed with status ${status}:\n${stderr.trim()}`);
  return stdout.trim();
}

function fingerprint() {
  const hash = createHash('sha256').update(process.arch);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(suiteFolder, file)));
  return hash.digest('hex');
}

/** Puts runtimetest, the root filesystem and every program into binFolder. Throws if Go is missing or fails. */
export function buildSuite() {
  const stamp = fingerprint();
  const wanted = [...programNames(), 'runtimetest', rootfsName].map((name) => path.join(binFolder, name));
  const fresh = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (fresh && wanted.every((file) => existsSync(file))) return;
  mkdirSync(binFolder, { recursive: true });
  process.stderr.write('building the validation suite with go (about 20 seconds the first time) …\n');
  go(['build', '-trimpath', '-o', `${binFolder}/`, 'tool']);
  const rootfs = path.join(go(['list', '-m', '-f', '{{.Dir}}', module]), rootfsName);
  if (!existsSync(rootfs)) throw new Error(`the suite has no root filesystem for this machine: ${rootfsName}`);
  copyFileSync(rootfs, path.join(binFolder, rootfsName));
  writeFileSync(stampFile, stamp);
}
