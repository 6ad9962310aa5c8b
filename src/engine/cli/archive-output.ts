// Where commands write archives: the file of --output, or standard output.
import { fromHost } from '../../errors.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { withStaging } from '../store/staging.js';

/** undefined: standard output. Fails if that is a terminal, with docker's text. */
export function archiveOutput({ host }: Engine, output: unknown): string | undefined {
  if (typeof output === 'string') return output;
  if (host.isTerminal(1)) throw engineError('cowardly refusing to save to a terminal', 'Use the -o flag or redirect');
  return undefined;
}

/** Writes the whole file or none of it; standard output gets the data as `body` makes it. */
export function writeArchive(
  engine: Engine,
  { output, failure }: { output: string | undefined; failure: string },
  body: (to: string | number, staging: string) => void,
): void {
  const { host } = engine;
  const temporary = `${output}.${host.pid}.tmp`;
  try {
    withStaging(engine, (staging) => {
      body(output === undefined ? 1 : temporary, staging);
    });
    if (output !== undefined) host.rename(temporary, output);
  } catch (caught) {
    if (output !== undefined && host.lstat(temporary) !== null) host.unlink(temporary);
    throw fromHost('E_ENGINE', failure, caught);
  }
}
