// Pid files of helpers that outlive the command that started them.
import { fromHost } from '../../errors.js';
import { isGone } from '../../host/failure.js';
import type { Engine } from '../engine.js';
import { readNote } from './json-files.js';

const commandLineLimit = 64 * 1024;

/** The pid in the file, if that process has the word on its command line: pids are reused. 0: there is none. */
export function pidIn(engine: Engine, file: string, word: string): number {
  const pid = Number(readNote(engine, file));
  try {
    return engine.host.readText(`/proc/${pid}/cmdline`, commandLineLimit).includes(word) ? pid : 0;
  } catch (caught) {
    if (isGone(caught)) return 0;
    throw fromHost('E_ENGINE', 'cannot see which helpers run', caught);
  }
}
