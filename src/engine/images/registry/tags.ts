// The tags of a repository.
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { familiarRepository, type Reference, repository } from '../reference.js';
import { skopeo, tlsFlags } from './skopeo.js';
import { withStaging } from '../../store/staging.js';

/** There may be thousands. */
const kept = 16 << 20;

/** Of a repository in a registry. */
export function remoteTags(engine: Engine, reference: Reference): string[] {
  return withStaging(engine, (staging) => {
    const file = `${staging}/tags`;
    skopeo(engine, reference, ['list-tags', ...tlsFlags(reference, ''), `docker://${repository(reference)}`], { stdout: file });
    const { Tags } = JSON.parse(engine.host.readText(file, kept)) as { readonly Tags?: readonly string[] | null };
    if (!Array.isArray(Tags) || Tags.length === 0)
      throw engineError(`${familiarRepository(reference)} has no tags`, 'Push an image to it first');
    return Tags.filter((tag): tag is string => typeof tag === 'string');
  });
}
