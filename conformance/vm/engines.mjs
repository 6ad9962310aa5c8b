#!/usr/bin/env node
// Runs engine scripts inside the virtual machine: by default those of checkpoint and restore, since criu refuses many kernels
// that the tests may otherwise run on. Emulated, the machine is too slow for the other scripts.
//   node conformance/vm/engines.mjs [option of test:engines …] [engine …]      without any: those, and without runc
// Ends with a line `N passed, N failed, N skipped`.
import { join } from 'node:path';
import { prepare } from '../engines/prepare.mjs';
import { fail, root } from '../../scripts/run.mjs';
import { runInMachine } from './criu.mjs';
import { obstacle } from './kernel.mjs';

const usual = ['--reference', 'none', 'containerd-criu', 'podman-criu'];
const words = process.argv.length > 2 ? process.argv.slice(2) : usual;

const reason = obstacle();
if (reason !== null) {
  process.stdout.write(`${reason}\n0 passed, 0 failed, 1 skipped\n`);
} else {
  const { choose } = await import(join(root, 'build/js/conformance/engines/main.js'));
  const choice = choose(words);
  if (typeof choice === 'string') fail(choice);
  prepare(choice.engines);
  process.exitCode = await runInMachine('conformance/engines/run.mjs', ['--prepared', ...words], { timeout: 900, silence: 300 });
}
