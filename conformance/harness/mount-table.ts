// The host's mounts as a case finds and leaves them. Importing this puts the test process into a mount namespace of its own in
// which all mounts are shared: what a runtime mounts or unmounts without having cut the tie shows up here.
import { readFileSync } from 'node:fs';
import { helper } from './helpers.js';

const mountTable = (): string[] => readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');

// Where an ordinary user runs the cases of what needs no root, it stays as it is.
if (process.getuid?.() === 0) {
  process.dlopen({ exports: {} }, helper('shared_mounts'));
  if (!mountTable().some((line) => /^\S+ \S+ \S+ \S+ \/ .* shared:/.test(line))) throw new Error('the mounts are not shared');
}

/** All mounts of this namespace at one moment, to be compared with later. */
export class MountTable {
  readonly #before = mountTable();

  /** What has come and gone since, one line of mountinfo each; a mount whose flags or propagation have changed is both. */
  changes(): string[] {
    const now = mountTable();
    const gone = this.#before.filter((line) => !now.includes(line)).map((line) => `host's mount gone: ${line}`);
    const come = now.filter((line) => !this.#before.includes(line)).map((line) => `host's mount new: ${line}`);
    return [...gone, ...come];
  }
}
