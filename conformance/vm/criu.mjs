// A script of the project in the virtual machine, for checkpoint and restore: criu refuses many kernels that tests run on.
import { join } from 'node:path';
import { root } from '../../scripts/run.mjs';
import { accelerator } from './kernel.mjs';
import { boot } from './machine.mjs';

/** Factor for all deadlines, for the emulation. */
const patience = '10';

/** `script`: its path in the project. `timeout`, `silence`: seconds. `share`: directories that the machine may write. Returns its exit code. */
export function runInMachine(script, args, { timeout, silence, share = [] }) {
  return boot({
    cgroups: 'v2',
    init: 'direct',
    accel: accelerator(),
    memory: '3G',
    cpus: '2',
    append: '',
    console: false,
    share,
    timeout,
    silence,
    command: ['env', `CONFORMANCE_PATIENCE=${patience}`, 'node', join(root, script), ...args],
  });
}
