// Files with the pid of a helper that outlives the command that started it.
import { fromHost } from '../../errors.js';
import { isGone } from '../../host/failure.js';
import type { Engine } from '../engine.js';
import { readNote } from './json-files.js';

const commandLineLimit = 64 * 1024;

/** The pid in the file, if the command line of that process has the word: pids are used again. 0: there is none. */
export function pidIn(engine: Engine, file: string, word: string): number {
  const pid = Number(readNote(engine, file));
  try {
    return engine.host.readText(`/proc/${pid}/cmdline`, commandLineLimit).includes(word) ? pid : 0;
  } catch (caught) {
    if (isGone(caught)) return 0;
    throw fromHost('E_ENGINE', 'cannot see which helpers run', caught);
  }
}
