#!/usr/bin/env node
// Runs engine scripts inside the virtual machine: by default those of checkpoint and restore, since criu refuses many kernels
// that the tests may otherwise run on. Emulated, the machine is too slow for the other scripts.
//   node conformance/vm/engines.mjs [option of test:engines …] [engine …]      without any: those, and without runc
// Ends with a line `N passed, N failed, N skipped`.
import { join } from 'node:path';
import { prepare } from '../engines/prepare.mjs';
import { fail, root } from '../../scripts/run.mjs';
import { accelerator, obstacle } from './kernel.mjs';
import { boot } from './machine.mjs';

const usual = ['--reference', 'none', 'containerd-criu', 'podman-criu'];
const words = process.argv.length > 2 ? process.argv.slice(2) : usual;
/** Factor for all deadlines, for the emulation. */
const patience = '10';

const reason = obstacle();
if (reason !== null) {
  process.stdout.write(`${reason}\n0 passed, 0 failed, 1 skipped\n`);
} else {
  const { choose } = await import(join(root, 'build/js/conformance/engines/main.js'));
  const choice = choose(words);
  if (typeof choice === 'string') fail(choice);
  prepare(choice.engines);
  const script = join(root, 'conformance/engines/run.mjs');
  process.exitCode = await boot({
    cgroups: 'v2',
    init: 'direct',
    accel: accelerator(),
    memory: '3G',
    cpus: '2',
    append: '',
    console: false,
    share: [],
    timeout: 900,
    silence: 300,
    command: ['env', `CONFORMANCE_PATIENCE=${patience}`, 'node', script, '--prepared', ...words],
  });
}
