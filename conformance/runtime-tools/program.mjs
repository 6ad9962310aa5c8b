// Runs one program of the suite in its own working directory and returns what it printed, did and left.
import {
  chmodSync,
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { clearLeftovers, isSafeToRemove, listCgroups } from './leftovers.mjs';
import { binFolder, logFolder, rootfsName } from './paths.mjs';
import { parseTap } from './tap.mjs';

/** Milliseconds; the slowest program waits at most six times 10 s for a container that does not stop. */
const timeoutMs = 90_000;

/**
 * These two print nothing and exit with 0 when create refuses a bad value, as it should, and exit with 1 when it does not.
 */
const silentPrograms = new Set(['process_capabilities_fail', 'process_rlimits_fail']);

/** Programs that use the cgroup /cgrouptest or testdir/cgrouptest/container must not run at the same time. */
export function usesSharedCgroup(name) {
  return name.startsWith('linux_cgroups_') || name === 'delete_resources' || name === 'delete_only_create_resources';
}

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The program's RUNTIME: the runtime under test with its own state root, which also records each command. */
function writeWrapper(work, runtime) {
  const wrapper = path.join(work, 'runtime');
  const command = `${quote(runtime)} --root ${quote(path.join(work, 'containers'))}`;
  const lines = ['#!/bin/sh', `printf '%s\\n' "$*" >> ${quote(path.join(work, 'commands'))}`, `exec ${command} "$@"`, ''];
  writeFileSync(wrapper, lines.join('\n'), { mode: 0o755 });
  return wrapper;
}

function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another file system
  }
}

function prepare(name, runtime) {
  // Short, because a runtime may bind a socket in its state directory; and open to all, because root of a user namespace has no
  // rights on the way to the bundle.
  const work = mkdtempSync(path.join(os.tmpdir(), 'suite-'));
  chmodSync(work, 0o755);
  for (const file of ['runtimetest', rootfsName]) linkOrCopy(path.join(binFolder, file), path.join(work, file));
  const logs = path.join(logFolder, name);
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  return { work, logs, wrapper: writeWrapper(work, runtime) };
}

const running = new Set(); // process groups

/** Ends the programs that are running; their clean-up still happens. */
export function stopPrograms() {
  for (const group of running) process.kill(-group, 'SIGKILL');
}

function execute({ work, logs, wrapper }, name) {
  // Files, not pipes: a container inherits stderr and would hold a pipe open.
  const files = ['stdout', 'stderr'].map((stream) => openSync(path.join(logs, stream), 'w'));
  const env = { ...process.env, RUNTIME: wrapper, TMPDIR: work };
  const child = spawn(path.join(binFolder, name), [], { cwd: work, env, stdio: ['ignore', ...files], detached: true });
  running.add(child.pid);
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      process.kill(-child.pid, 'SIGKILL');
    }, timeoutMs);
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      clearTimeout(timer);
      running.delete(child.pid);
      files.forEach((file) => closeSync(file));
      resolve({ status, signal, timedOut });
    });
  });
}

function containerIds(work) {
  const read = () => readFileSync(path.join(work, 'commands'), 'utf8');
  try {
    return [...new Set(read().match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [])];
  } catch {
    return []; // The program never called the runtime.
  }
}

/** How a program ended, if that is not a test line but must be judged like one. */
function endLines({ status, signal, timedOut }, isTap, name) {
  const line = (description) => ({ ok: false, kind: 'test', description, nested: [], detail: null, orphan: true });
  if (timedOut) return [line(`the program timed out after ${timeoutMs / 1000} s`)];
  if (signal !== null) return [line(`the program was killed by ${signal}`)];
  if (status !== 0) return [line(`the program ended with exit status ${status}`)];
  return isTap || silentPrograms.has(name) ? [] : [line('the program printed no TAP')];
}

/** Runs a program. Returns {name, seconds, lines, leftovers}; its output stays in the log folder. */
export async function runProgram(name, runtime) {
  const place = prepare(name, runtime);
  const cgroupsBefore = new Set(listCgroups());
  const started = Date.now();
  const end = await execute(place, name);
  const seconds = (Date.now() - started) / 1000;
  const { isTap, lines } = parseTap(readFileSync(path.join(place.logs, 'stdout'), 'utf8'));
  const stateFolder = path.join(place.work, 'containers');
  const ids = containerIds(place.work);
  const around = { ids, cgroupsBefore, sharedCgroup: usesSharedCgroup(name) };
  const leftovers = await clearLeftovers({ work: place.work, stateFolder, runtime: place.wrapper, ...around });
  if (ids.length > 0) copyFileSync(path.join(place.work, 'commands'), path.join(place.logs, 'commands'));
  if (isSafeToRemove(place.work)) rmSync(place.work, { recursive: true, force: true });
  return { name, seconds, lines: [...lines, ...endLines(end, isTap, name)], leftovers };
}
