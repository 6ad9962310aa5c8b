import type { Engine } from '../../../engine.js';
import { engineError } from '../../../errors.js';
import { emit } from '../../../records/events.js';
import { pushImage } from '../../../images/registry/push.js';
import {
  canonical,
  familiar,
  familiarRepository,
  hasTag,
  parseReference,
  type Reference,
  repository,
} from '../../../images/reference.js';
import { parseTarget } from '../../../images/tag.js';
import type { Call } from '../../command.js';
import { allImages } from '../../../images/find.js';

/** All local names in the repository. */
function allTags(engine: Engine, said: string): Reference[] {
  if (hasTag(said)) throw engineError("tag can't be used with --all-tags/-a", 'Omit one of them');
  const wanted = repository(parseTarget(said));
  const found = allImages(engine)
    .flatMap(({ names }) => names.map(parseReference))
    .filter((one) => repository(one) === wanted);
  if (found.length === 0)
    throw engineError(
      `An image does not exist locally with the tag: ${familiarRepository(parseTarget(said))}`,
      "Give it that name with 'pocker tag'",
    );
  return found.sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

export function run({ engine, values, args }: Call): number {
  const said = args[0]!;
  const quiet = values['quiet'] === true;
  const references = values['all-tags'] === true ? allTags(engine, said) : [parseTarget(said)];
  for (const reference of references) {
    pushImage(engine, reference, quiet);
    emit(engine, { Type: 'image', Action: 'push', id: familiar(reference), attributes: { name: familiar(reference) } });
    if (quiet) engine.host.write(1, `${canonical(reference)}\n`);
  }
  return 0;
}
