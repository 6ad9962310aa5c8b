// Allows only one run of the suite on a machine at a time, because the suite's cgroup names are fixed.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const folder = path.join(os.tmpdir(), 'pocker-runc-validation-suite.lock');
const pidFile = path.join(folder, 'pid');

function holderIsAlive() {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryLock() {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(pidFile, String(process.pid));
  return true;
}

async function lock() {
  for (let waited = 0; !tryLock(); waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (!holderIsAlive()) rmSync(folder, { recursive: true, force: true });
    else if (waited === 0) process.stderr.write('another run of the validation suite is going on, waiting for it …\n');
  }
}

/** Runs the action while no other run of the suite is active. */
export async function withSuiteLock(action) {
  await lock();
  try {
    return await action();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
