#!/usr/bin/env node
// Runs a command as root in a virtual machine: Debian's kernel with AppArmor and the cgroup layout of choice, this machine's
// files read-only below a tmpfs, so that nothing done inside remains outside.
//   conformance/vm/run.mjs [options] -- COMMAND [ARGUMENT…]
//     --cgroups v2|v1|hybrid   how cgroups are mounted (v2)
//     --init NAME              guest/NAME.sh is process 1 of the guest (direct)
//     --share DIR              writable inside, at the same path; may be repeated
//     --accel tcg|kvm          emulation, or the processor itself (kvm where it works)
//     --memory SIZE            (2G)      --cpus N   (2)      --append 'KERNEL ARGUMENTS'
//     --timeout SECONDS        (600)     --silence SECONDS  (600) without output: it hangs
//     --console                also shows the kernel's messages
// Ends with the command's exit code; 125 if the machine failed before that, 124 if it hung. Emulated, it takes about 15 s to
// boot, and is then five to ten times slower than outside.
import { parseArgs } from 'node:util';
import { accelerators, boot, layouts } from './machine.mjs';
import { accelerator, obstacle } from './kernel.mjs';

const options = {
  cgroups: { type: 'string', default: 'v2' },
  init: { type: 'string', default: 'direct' },
  share: { type: 'string', multiple: true, default: [] },
  accel: { type: 'string', default: accelerator() },
  memory: { type: 'string', default: '2G' },
  cpus: { type: 'string', default: '2' },
  append: { type: 'string', default: '' },
  timeout: { type: 'string', default: '600' },
  silence: { type: 'string', default: '600' },
  console: { type: 'boolean', default: false },
};

function usage(message) {
  process.stderr.write(`${message}\nusage: conformance/vm/run.mjs [options] -- COMMAND [ARGUMENT…]\n`);
  process.exit(64);
}

function read() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return usage(error.message);
  }
}

const { values, positionals } = read();
if (positionals.length === 0) usage('no command given');
if (!layouts.includes(values.cgroups)) usage(`--cgroups is one of ${layouts.join(', ')}`);
if (!(values.accel in accelerators)) usage(`--accel is one of ${Object.keys(accelerators).join(', ')}`);
const reason = obstacle();
if (reason !== null) usage(reason);
process.exitCode = await boot({
  ...values,
  timeout: Number(values.timeout),
  silence: Number(values.silence),
  command: positionals,
});
