// Runs other programs, for the scripts of this folder.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs it in the project's root with our own input and output; a failure ends the script with one line. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error !== undefined) fail(`cannot run ${program}: ${result.error.message}`);
  if (result.status !== 0) fail(`${[program, ...args].join(' ')} failed (${result.signal ?? `exit code ${result.status}`})`);
}

/** Its standard output, or null if it cannot be run or fails. */
export function output(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], ...options });
  return result.status === 0 ? result.stdout.trim() : null;
}

export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const directories = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(':');

/** Path of a program in $PATH or in root's program directories; undefined if it does not exist. */
export function find(program) {
  return directories.map((directory) => join(directory, program)).find((path) => existsSync(path));
}

/** Runs a program without showing its output as it comes, because others run at the same time: { ok, text }. */
export async function collected(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const parts = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => parts.push(part));
  const ok = await new Promise((done) => {
    child.once('error', (error) => {
      parts.push(`${error.message}\n`);
      done(false);
    });
    child.once('close', (code) => done(code === 0));
  });
  return { ok, text: parts.join('') };
}
