// The host's mounts before and after a case. Importing this puts the test process into its own mount namespace in which all
// mounts are shared: if a runtime mounts or unmounts without cutting the propagation, it shows up here.
import { readFileSync } from 'node:fs';
import { helper } from '../helpers/helper.js';

const mountTable = (): string[] => readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');

// If an ordinary user runs cases that need no root, the mount namespace stays as it is.
if (process.getuid?.() === 0) {
  process.dlopen({ exports: {} }, helper('shared_mounts'));
  if (!mountTable().some((line) => /^\S+ \S+ \S+ \S+ \/ .* shared:/.test(line))) throw new Error('the mounts are not shared');
}

/** All mounts of this namespace at one moment, to compare with later ones. */
export class MountTable {
  readonly #before = mountTable();

  /** What has come and gone since, one line of mountinfo each; a mount whose flags or propagation changed appears as both. */
  changes(): string[] {
    const now = mountTable();
    const gone = this.#before.filter((line) => !now.includes(line)).map((line) => `host's mount gone: ${line}`);
    const come = now.filter((line) => !this.#before.includes(line)).map((line) => `host's mount new: ${line}`);
    return [...gone, ...come];
  }
}
