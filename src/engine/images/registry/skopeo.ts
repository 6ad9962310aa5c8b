// skopeo speaks to registries: its arguments, and docker's words for its errors.
import type { ProgramResult } from '../../../host/host.js';
import { engineError, roomHint } from '../../errors.js';
import type { Engine } from '../../engine.js';
import { type ToolOptions, tryTool } from '../../programs.js';
import { familiar, familiarRepository, isLoopback, type Reference, repository } from '../reference.js';

/** Without a policy file, which Debian's packages install, skopeo refuses all images. */
function policy({ host }: Engine): string[] {
  const files = ['/etc/containers/policy.json', `${host.env('HOME') ?? ''}/.config/containers/policy.json`];
  return files.some((path) => host.lstat(path) !== null) ? [] : ['--insecure-policy'];
}

/** skopeo's form, which takes a tag or a digest. */
export const remote = (reference: Reference): string =>
  `docker://${repository(reference)}${reference.digest === '' ? `:${reference.tag}` : `@${reference.digest}`}`;

/** `side`: "src-", "dest-", or "" where there is only one. */
export const tlsFlags = (reference: Reference, side: 'src-' | 'dest-' | ''): string[] =>
  isLoopback(reference) ? [`--${side}tls-verify=false`] : [];

const lastLine = (said: string): string => {
  const line = said.trim().split('\n').at(-1) ?? '';
  return /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? line;
};

/** docker's text for the registry's answer. */
function registryError(reference: Reference, said: string): Error {
  const line = lastLine(said);
  if (/manifest unknown|name unknown|not found|status code 404/i.test(line) && !line.includes('lookup'))
    return engineError(`manifest for ${familiar(reference)} not found: manifest unknown`, "Check the image's name and tag");
  if (/unauthorized|denied|authentication required|status code 40[13]/i.test(line))
    return engineError(
      `pull access denied for ${familiarRepository(reference)}, repository does not exist or may require 'pocker login'`,
      `Log in: pocker login ${reference.domain}`,
    );
  const [full] = /no space left on device|disk quota exceeded/i.exec(line) ?? [];
  if (full !== undefined) return engineError(`${full} while handling ${familiar(reference)}`, roomHint);
  const reason = line.replace(/^.*pinging container registry [^ ]+: /, '').replace(/^Error [a-z ]+ "docker:[^"]*": /, '');
  return engineError(
    `${familiar(reference)}: ${reason}`,
    `Check that the registry ${reference.domain} is up and its name is right`,
  );
}

/** Runs skopeo. Its output goes to `stdout`, if given, otherwise to the result with its messages. Fails with docker's words. */
export function skopeo(engine: Engine, reference: Reference, args: readonly string[], options: ToolOptions = {}): ProgramResult {
  const result = tryTool(engine, 'skopeo', [...policy(engine), ...args], { ...options, endsWithUs: true });
  if (result.exitCode === 0 && result.signal === 0) return result;
  throw registryError(reference, result.output);
}
