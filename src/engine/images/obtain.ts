// The image for a new container: a local one, or pulled first.
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { findImage, shownName } from './find.js';
import { parseReference, tryReference } from './reference.js';
import type { Image } from '../records/image.js';
import { pullImage } from './registry/pull.js';
import { matches, parsePlatform } from './registry/platform.js';

export interface ObtainOptions {
  readonly pull: 'missing' | 'always' | 'never';
  /** "linux/arm64" */
  readonly platform?: string;
  readonly quiet: boolean;
}

function isId(engine: Engine, said: string): boolean {
  return tryReference(said) === null || findImage(engine, said)?.id.includes(said) === true;
}

/** Fails with docker's texts. */
export function obtainImage(engine: Engine, said: string, { pull, platform, quiet }: ObtainOptions): Image {
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const found = findImage(engine, said);
  const fits = found !== null && (wanted === undefined || matches(wanted, found));
  if (fits && (pull !== 'always' || isId(engine, said))) return found;
  if (pull === 'never') throw engineError(`No such image: ${shownName(said)}`, `Get it: pocker pull ${said}`);
  // An invalid name is not looked up.
  parseReference(said);
  if (!fits) engine.host.write(2, `Unable to find image '${shownName(said)}' locally\n`);
  return pullImage(engine, said, { quiet, to: 2, ...(wanted === undefined ? {} : { platform: wanted }) });
}
