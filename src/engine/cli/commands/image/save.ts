import type { Engine } from '../../../engine.js';
import { saveImages, type Saved } from '../../../images/archive.js';
import { familiar, tryReference } from '../../../images/reference.js';
import { archiveOutput, writeArchive } from '../../archive-output.js';
import type { Call } from '../../command.js';
import { requireImage } from '../../../images/find.js';

/** Saves an image that several words name only once, with all of those names. */
function selected(engine: Engine, args: readonly string[]): Saved[] {
  const found = new Map<string, { image: Saved['image']; names: string[] }>();
  for (const said of args) {
    const image = requireImage(engine, said);
    const reference = tryReference(said);
    const name = reference === null ? '' : familiar(reference);
    const entry = found.get(image.id) ?? { image, names: [] };
    if (image.names.includes(name) && !entry.names.includes(name)) entry.names.push(name);
    found.set(image.id, entry);
  }
  return [...found.values()];
}

export function run({ engine, values, args }: Call): number {
  const output = archiveOutput(engine, values['output']);
  const saved = selected(engine, args);
  writeArchive(engine, { output, failure: 'cannot save' }, (to, staging) => {
    saveImages(engine, saved, staging, to);
  });
  return 0;
}
