// Names for local images.
import { engineError } from '../errors.js';
import type { Engine } from '../engine.js';
import { requireImage } from './find.js';
import { canonical, familiar, parseReference, type Reference } from './reference.js';
import { imageOf, readIndex, withImageLock, withName, writeIndex } from '../records/image-store.js';

/** A name from the user: a digest cannot be assigned. */
export function parseTarget(said: string): Reference {
  const reference = parseReference(said);
  if (reference.digest !== '') throw engineError('refusing to create a tag with a digest reference', 'Use a name and a tag');
  return reference;
}

export function tagImage(engine: Engine, source: string, target: string): { readonly id: string; readonly name: string } {
  const reference = parseTarget(target);
  return withImageLock(engine, () => {
    const { id } = requireImage(engine, source);
    const index = readIndex(engine);
    writeIndex(
      engine,
      withName(
        index,
        index.find((entry) => imageOf(entry) === id)!,
        canonical(reference),
      ),
    );
    return { id, name: familiar(reference) };
  });
}
