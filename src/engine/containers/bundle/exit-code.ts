// The exit code of a container's program, which conmon writes to the bundle directory.
import type { Engine } from '../../engine.js';
import { bundleDirectory } from '../../records/container-store.js';
import { readNote } from '../../store/json-files.js';

/** docker's code for an end that nobody saw. */
export const unknownExit = 255;

/** null: not there (yet). */
export function writtenExitCode(engine: Engine, id: string): number | null {
  const text = readNote(engine, `${bundleDirectory(engine, id)}/${id}`);
  return text === '' ? null : Number(text);
}
