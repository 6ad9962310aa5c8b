#!/usr/bin/env node
// Faults in checkpoint and restore (conformance/faults) inside the virtual machine, since criu refuses many kernels:
//   node conformance/vm/faults.mjs FOLDER [argument of test:faults …]      without any: EIO and SIGKILL in the Host
// FOLDER/log gets what the command said to each fault, for `npm run test:faults -- --from FOLDER/log --document`.
// Ends with a line `N passed, N failed, N skipped`.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from '../../scripts/run.mjs';
import { installPackages } from '../../scripts/packages.mjs';
import { runInMachine } from './criu.mjs';
import { obstacle } from './kernel.mjs';

const [folder, ...words] = process.argv.slice(2);

const reason = obstacle();
if (folder === undefined) fail('usage: conformance/vm/faults.mjs FOLDER [argument of test:faults …]');
if (reason !== null) {
  process.stdout.write(`${reason}\n0 passed, 0 failed, 1 skipped\n`);
} else {
  installPackages([{ name: 'criu', programs: ['criu'] }]);
  mkdirSync(folder, { recursive: true });
  const share = resolve(folder);
  const chosen = words.length > 0 ? words : ['checkpoint', 'restore', 'host: EIO', 'host: kill'];
  const log = join(share, 'log');
  process.exitCode = await runInMachine('conformance/faults/run.mjs', ['--log', log, ...chosen], {
    share: [share],
    timeout: 6 * 3600,
    silence: 600,
  });
}
