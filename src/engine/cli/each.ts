// Runs a command on several containers: tries each, reports failures, and tells by the exit code whether all succeeded.
import { isHostFailure, PockerError } from '../../errors.js';
import { findId, readContainer, requireContainer, type StoredContainer } from '../records/container-store.js';
import type { Engine } from '../engine.js';
import type { Call } from './command.js';

export interface EachOptions {
  /** Print each word as given once it is done. */
  readonly print?: boolean;
  /** A container that is missing, or has just gone by itself, is no failure. */
  readonly mayBeGone?: boolean;
  /** Those of them that this command has removed: their words are printed. */
  readonly ourDoing?: ReadonlySet<string>;
}

function isGone(engine: Engine, word: string): boolean {
  const id = findId(engine, word);
  return id === null || readContainer(engine, id) === null;
}

export function forEachContainer(
  { engine, args }: Call,
  body: (container: StoredContainer, word: string) => void,
  { print = true, mayBeGone = false, ourDoing = new Set() }: EachOptions = {},
): number {
  let failures = 0;
  for (const word of args) {
    try {
      body(requireContainer(engine, word), word);
      if (print) engine.host.write(1, `${word}\n`);
    } catch (caught) {
      if (!(caught instanceof PockerError) && !isHostFailure(caught)) throw caught;
      const fine = mayBeGone && isGone(engine, word);
      if (fine && ourDoing.has(word)) engine.host.write(1, `${word}\n`);
      if (fine) continue;
      engine.log.error(caught);
      failures += 1;
    }
  }
  return failures === 0 ? 0 : 1;
}
