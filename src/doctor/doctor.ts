// doctor: what this machine can and cannot do, and what crashed containers left behind.
import { fromHost } from '../errors.js';
import type { Host } from '../host/host.js';
import { checkCgroups } from './cgroups.js';
import { type Check, checked } from './check.js';
import { checkKernel, kernelRelease } from './kernel.js';
import { findLeftovers, type Leftover, type LeftoverOptions } from './leftovers.js';
import { checkPrograms } from './programs.js';
import { checkIds, checkSecurity } from './security.js';

export interface DoctorOptions extends LeftoverOptions {
  /** Remove what crashed containers left. */
  readonly fix: boolean;
}

export interface FoundLeftover extends Leftover {
  readonly removed: boolean;
}

export interface Diagnosis {
  readonly kernel: string;
  readonly checks: readonly Check[];
  readonly leftovers: readonly FoundLeftover[];
  /** Containers can be made, and nothing is left over. */
  readonly healthy: boolean;
}

const areas: readonly (readonly [Check['area'], (host: Host) => Check[]])[] = [
  ['kernel', checkKernel],
  ['cgroups', checkCgroups],
  ['security', checkSecurity],
  ['ids', checkIds],
  ['programs', checkPrograms],
];

/** A failing check does not stop the others. */
function attempt(host: Host, [area, check]: (typeof areas)[number]): Check[] {
  try {
    return check(host);
  } catch (caught) {
    const { message } = fromHost('E_HOST', 'cannot be checked', caught);
    return [checked({ area, name: area, lost: '', remedy: '' }, 'unknown', message)];
  }
}

const W_OK = 2;

function checkRoot(host: Host, root: string): Check {
  const there = host.lstat(root) !== null;
  const words = { area: 'state', name: root, lost: 'containers', remedy: 'choose another directory with --root' } as const;
  return checked({ ...words, required: true }, !there || host.access(root, W_OK), there ? '' : 'made with the first container');
}

function removed({ remove, ...leftover }: Leftover & { remove: () => void }, { fix, warn }: DoctorOptions): FoundLeftover {
  if (!fix) return { ...leftover, removed: false };
  try {
    remove();
    return { ...leftover, removed: true };
  } catch (caught) {
    warn(`${leftover.kind} ${leftover.subject}: ${fromHost('E_HOST', 'cannot be removed', caught).message}`);
    return { ...leftover, removed: false };
  }
}

export function diagnose(host: Host, options: DoctorOptions): Diagnosis {
  const checks = [...areas.flatMap((area) => attempt(host, area)), checkRoot(host, options.root)];
  const leftovers = findLeftovers(host, options).map((one) => removed(one, options));
  const able = checks.every(({ required, result }) => !required || result === 'ok');
  return { kernel: kernelRelease(host), checks, leftovers, healthy: able && leftovers.every((one) => one.removed) };
}
