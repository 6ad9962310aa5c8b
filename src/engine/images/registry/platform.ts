// Platforms in Go's words, and which variant of an image this machine wants.
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import type { Descriptor } from '../../records/image.js';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** libseccomp's (and audit's) token of an architecture, and Go's name. */
const architectures: ReadonlyMap<number, Omit<Platform, 'os'>> = new Map([
  [0xc000003e, { architecture: 'amd64' }],
  [0x40000003, { architecture: '386' }],
  [0xc00000b7, { architecture: 'arm64', variant: 'v8' }],
  [0x40000028, { architecture: 'arm', variant: 'v7' }],
  [0xc0000015, { architecture: 'ppc64le' }],
  [0x80000016, { architecture: 's390x' }],
  [0xc00000f3, { architecture: 'riscv64' }],
]);

export function ownPlatform({ host }: Engine): Platform {
  return { os: 'linux', ...(architectures.get(host.seccompNativeArchitecture()) ?? { architecture: 'unknown' }) };
}

const otherNames: Readonly<Record<string, string>> = { x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64', i386: '386' };

/** "linux/arm64/v8", "arm64" */
export function parsePlatform(said: string): Platform {
  const parts = said.toLowerCase().split('/');
  if (parts.some((part) => !/^[a-z0-9_.-]+$/.test(part)) || parts.length > 3)
    throw engineError(`${JSON.stringify(said)} is an invalid platform`, 'Write a platform as linux/amd64');
  const [os, named, variant] = parts.length === 1 ? ['linux', parts[0]] : parts;
  const architecture = otherNames[named!] ?? named!;
  return { os: os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** "linux/arm64/v8" */
export function platformText({ os, architecture, variant = '' }: Platform): string {
  return `${os}/${architecture}${variant === '' ? '' : `/${variant}`}`;
}

const usualVariant = ({ architecture, variant }: Platform): string =>
  variant === undefined || variant === '' ? (architecture === 'arm64' ? 'v8' : architecture === 'arm' ? 'v7' : '') : variant;

export function matches(wanted: Platform, has: Platform): boolean {
  const same = wanted.os === has.os && wanted.architecture === has.architecture;
  return same && (wanted.variant === undefined || usualVariant(wanted) === usualVariant(has));
}

/** The list's manifest for that platform; without that variant, one of the same architecture. */
export function choose(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const of = (platform: Platform): Descriptor | undefined =>
    manifests.find((one) => one.platform !== undefined && matches(platform, one.platform));
  return of(wanted) ?? of({ os: wanted.os, architecture: wanted.architecture });
}
