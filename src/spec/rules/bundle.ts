// Rules for what every platform has: version, mounts, hooks, annotations (config.md).
import { quoteText } from '../../json/quote.js';
import { forEach, isAbsolute, namespaceOf, when, type IdMapping, type Rule } from '../rule.js';

/** The expression from semver.org, without named groups. */
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

export const versionRules: readonly Rule[] = [
  {
    name: 'oci-version',
    section: 'config.md, Specification version',
    check({ ociVersion }) {
      const major = semver.exec(ociVersion)?.[1];
      const shown = quoteText(ociVersion, 60);
      if (major === undefined)
        return [{ pointer: '/ociVersion', message: `found ${shown}, expected a version like "1.3.0" (SemVer 2.0.0)` }];
      return when(major !== '1', '/ociVersion', `found ${shown}, supported: versions 1.x.y`);
    },
  },
];

function hasOption(options: readonly string[] | undefined, ...names: string[]): boolean {
  return options?.some((option) => names.includes(option)) ?? false;
}

export const mountRules: readonly Rule[] = [
  {
    name: 'mount-destination',
    section: 'config.md, Mounts',
    check: ({ mounts }) =>
      forEach(mounts, '/mounts', ({ destination }, at) => when(destination === '', `${at}/destination`, 'is empty')),
  },
  {
    name: 'mount-mappings-together',
    section: 'config.md, Mounts: uidMappings "MUST be specified along with gidMappings", and the other way round',
    check: ({ mounts }) =>
      forEach(mounts, '/mounts', ({ uidMappings, gidMappings }, at) => [
        ...when(isGiven(uidMappings) && !isGiven(gidMappings), `${at}/uidMappings`, 'requires gidMappings, too'),
        ...when(isGiven(gidMappings) && !isGiven(uidMappings), `${at}/gidMappings`, 'requires uidMappings, too'),
      ]),
  },
];

export const idMapRules: readonly Rule[] = [
  {
    name: 'idmap-mount',
    section: 'config.md, Mounts: idmap, ridmap',
    check: (spec) =>
      forEach(spec.mounts, '/mounts', ({ options, uidMappings, gidMappings }, at) => {
        const mapped = isGiven(uidMappings) || isGiven(gidMappings);
        const lonely = hasOption(options, 'idmap', 'ridmap') && !mapped && namespaceOf(spec, 'user') === undefined;
        return when(lonely, `${at}/options`, 'an id-mapped mount requires uidMappings and gidMappings, or a user namespace');
      }),
  },
];

function isGiven(mappings: readonly IdMapping[] | undefined): boolean {
  return mappings !== undefined && mappings.length > 0;
}

export const mountAdvice: readonly Rule[] = [
  {
    name: 'mount-destination-absolute',
    section: 'config.md, Mounts: destination',
    check: ({ mounts }) =>
      forEach(mounts, '/mounts', ({ destination }, at) =>
        when(
          !isAbsolute(destination),
          `${at}/destination`,
          () => `${quoteText(destination)} is relative, which is deprecated; taken from "/"`,
        ),
      ),
  },
];

const hookKinds = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const;

/** Seconds: the most that fits a 32-bit count of milliseconds, about three weeks. */
const longestTimeout = 2_147_483;

export const hookRules: readonly Rule[] = [
  {
    name: 'hook-path-absolute',
    section: 'config.md, POSIX-platform Hooks: "path MUST be absolute"',
    check: ({ hooks }) =>
      hookKinds.flatMap((kind) =>
        forEach(hooks?.[kind], `/hooks/${kind}`, ({ path }, at) =>
          when(!isAbsolute(path), `${at}/path`, () => `found ${quoteText(path, 60)}, expected an absolute path`),
        ),
      ),
  },
  {
    name: 'hook-timeout',
    section: 'config.md, POSIX-platform Hooks: timeout, in seconds',
    check: ({ hooks }) =>
      hookKinds.flatMap((kind) =>
        forEach(hooks?.[kind], `/hooks/${kind}`, ({ timeout }, at) =>
          when((timeout ?? 0) > longestTimeout, `${at}/timeout`, `found ${timeout} s, allowed: at most ${longestTimeout} s`),
        ),
      ),
  },
  {
    name: 'hook-env',
    section: 'config.md, POSIX-platform Hooks: env, as environ(7)',
    check: ({ hooks }) =>
      hookKinds.flatMap((kind) =>
        forEach(hooks?.[kind], `/hooks/${kind}`, ({ env }, at) => forEach(env, `${at}/env`, checkVariable)),
      ),
  },
];

/** environ(7): NAME=VALUE. */
export function checkVariable(variable: string, pointer: string): ReturnType<Rule['check']> {
  return when(variable.indexOf('=') <= 0, pointer, () => `found ${quoteText(variable, 60)}, expected NAME=VALUE`);
}

export const annotationRules: readonly Rule[] = [
  {
    name: 'annotation-key',
    section: 'config.md, Annotations: "Keys MUST NOT be an empty string"',
    check: ({ annotations }) =>
      when(annotations !== undefined && Object.hasOwn(annotations, ''), '/annotations/', 'a key must not be empty'),
  },
];
