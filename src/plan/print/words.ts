// Turns numbers in a plan back into the words that they came from, for people who read it.
import { capabilityNames } from '../tables/capabilities.js';
import { ATTR, MS } from '../tables/mounts.js';
import { namespaceTypes } from '../tables/namespaces.js';
import { rlimits } from '../tables/process.js';
import { seccompActions, seccompFlags } from '../tables/seccomp.js';

/** The names of the bits in `value`, and the rest in hexadecimal. */
function bitNames(value: number, rows: Iterable<readonly [name: string, bit: number]>): string {
  const names: string[] = [];
  let rest = value;
  for (const [name, bit] of rows) {
    if (bit === 0 || (rest & bit) !== bit) continue;
    names.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) names.push(`0x${(rest >>> 0).toString(16)}`);
  return names.join(',') || 'none';
}

const attributeRows = [
  ['ro', ATTR.RDONLY],
  ['nosuid', ATTR.NOSUID],
  ['nodev', ATTR.NODEV],
  ['noexec', ATTR.NOEXEC],
  ['atime', ATTR.ATIME],
  ['noatime', ATTR.NOATIME],
  ['strictatime', ATTR.STRICTATIME],
  ['nodiratime', ATTR.NODIRATIME],
  ['nosymfollow', ATTR.NOSYMFOLLOW],
] as const;

/** MOUNT_ATTR_*; all bits of the access time together are its mask. */
export function attributeNames(value: bigint): string {
  return bitNames(Number(value), attributeRows);
}

const mountFlagRows = [
  ['ro', MS.RDONLY],
  ['sync', MS.SYNCHRONOUS],
  ['mand', MS.MANDLOCK],
  ['dirsync', MS.DIRSYNC],
  ['silent', MS.SILENT],
  ['iversion', MS.I_VERSION],
  ['lazytime', MS.LAZYTIME],
] as const;

/** MS_* flags of a superblock. */
export function mountFlagNames(value: number): string {
  return bitNames(value, mountFlagRows);
}

const propagationRows = [
  ['unbindable', MS.UNBINDABLE],
  ['private', MS.PRIVATE],
  ['slave', MS.SLAVE],
  ['shared', MS.SHARED],
] as const;

export function propagationNames(value: number): string {
  return bitNames(value, propagationRows);
}

/** CLONE_NEW* flags, as named in the config. */
export function namespaceNames(flags: number): string {
  return bitNames(
    flags,
    Object.entries(namespaceTypes).map(([name, { flag }]) => [name, flag] as const),
  );
}

export function seccompFlagNames(flags: number): string {
  const short = Object.entries(seccompFlags).map(([name, bit]) => [name.slice('SECCOMP_FILTER_FLAG_'.length), bit] as const);
  return bitNames(flags, [...short, ['NEW_LISTENER', 0x8]]);
}

/** SECCOMP_RET_*, with its errno if it has one. */
export function seccompActionName(value: number): string {
  const action = (value & 0xffff_0000) >>> 0;
  const name = Object.keys(seccompActions).find((one) => seccompActions[one]!.value === action) ?? `0x${value.toString(16)}`;
  return seccompActions[name]?.errno === true ? `${name}(${value & 0xffff})` : name;
}

/** A mask of capabilities(7). */
export function capabilityList(mask: bigint): string {
  if (mask === (1n << BigInt(capabilityNames.length)) - 1n) return 'all';
  const names: string[] = capabilityNames.filter((_, number) => ((mask >> BigInt(number)) & 1n) === 1n);
  return names.join(',') || 'none';
}

export function rlimitName(resource: number): string {
  return Object.keys(rlimits).find((name) => rlimits[name] === resource) ?? String(resource);
}

export function limitValue(value: bigint): string {
  return value === (1n << 64n) - 1n ? 'unlimited' : String(value);
}

export function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
