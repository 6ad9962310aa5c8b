// The programs and the library that Node cannot replace, in this folder: compiled here if missing or older than their source.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../runtime.js';

/** By name, with the additional arguments that each needs. */
const helpers = {
  recvfd: [],
  knock: [],
  exchange: [],
  agent: [],
  inject: ['-lseccomp'],
  without: ['-lseccomp'],
  syscall: ['-static'],
  notify: ['-static'],
  cgroup_tree: ['-static'],
  spy: ['-static'],
  keyring: ['-static'],
  vfork: ['-static'],
  stuck_fuse: [],
  shared_mounts: ['-shared', '-fPIC'],
} as const;

/** Compiles all of them before the first case, so that no case has to wait. */
export function buildHelpers(): void {
  for (const name of Object.keys(helpers)) helper(name as keyof typeof helpers);
}

export function helper(name: keyof typeof helpers): string {
  const folder = join(projectRoot, 'conformance', 'harness', 'helpers');
  const source = join(folder, `${name}.cpp`);
  const directory = join(projectRoot, 'build', 'conformance');
  const program = join(directory, name);
  const headers = readdirSync(folder).filter((file) => file.endsWith('.h'));
  const newest = Math.max(...[source, ...headers.map((file) => join(folder, file))].map((path) => statSync(path).mtimeMs));
  if (existsSync(program) && statSync(program).mtimeMs >= newest) return program;
  mkdirSync(directory, { recursive: true });
  // Test files run in parallel, also in process namespaces: each compiles in a directory of its own, and the last rename wins.
  const own = mkdtempSync(`${program}.`);
  const mine = join(own, name);
  const common = ['-std=c++20', '-O1', '-Wall', '-Wextra', '-Werror'];
  const made = spawnSync('c++', [...common, '-o', mine, source, ...helpers[name]], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`cannot compile ${source}: ${made.stderr}`);
  renameSync(mine, program);
  rmdirSync(own);
  return program;
}
