// Turns docker's form of a seccomp profile into OCI's. OCI has no conditions, so we decide them here, at each start.
import type { Host } from '../../../host/host.js';
import type { Seccomp } from '../../../plan/spec-types.js';
import { seccompArchitectures } from '../../../plan/tables/seccomp.js';
import { engineError } from '../../errors.js';
import type { Conditions, Profile } from '../options/seccomp-profile.js';

/** What the conditions look at. */
interface Machine {
  readonly arch: string;
  readonly capabilities: readonly string[];
  readonly kernel: string;
}

/** Architectures whose Go name is not libseccomp's in lower case. */
const goNames: Readonly<Record<string, string>> = { SCMP_ARCH_X86_64: 'amd64', SCMP_ARCH_AARCH64: 'arm64' };

function nativeArchitecture(host: Host): string {
  const token = host.seccompNativeArchitecture() >>> 0;
  return Object.keys(seccompArchitectures).find((name) => seccompArchitectures[name] === token) ?? '';
}

const goName = (architecture: string): string => goNames[architecture] ?? architecture.slice('SCMP_ARCH_'.length).toLowerCase();

/** "5.10" of "5.10.0-8-amd64" */
function isAtLeast(kernel: string, wanted: string): boolean {
  if (!/^\d+\.\d+$/.test(wanted))
    throw engineError(`invalid kernel version: ${JSON.stringify(wanted)}, expected '<kernel>.<major>'`);
  const [version = 0, major = 0] = kernel.split(/\D/, 2).map(Number);
  const [wantedVersion = 0, wantedMajor = 0] = wanted.split('.').map(Number);
  return version > wantedVersion || (version === wantedVersion && major >= wantedMajor);
}

function includes({ arches, caps, minKernel }: Conditions, { arch, capabilities, kernel }: Machine): boolean {
  if ((arches ?? []).length > 0 && !arches!.includes(arch)) return false;
  if (!(caps ?? []).every((name) => capabilities.includes(name))) return false;
  return (minKernel ?? '') === '' || isAtLeast(kernel, minKernel!);
}

/** One match is enough. */
function excludes({ arches, caps, minKernel }: Conditions, { arch, capabilities, kernel }: Machine): boolean {
  if ((arches ?? []).includes(arch) || (caps ?? []).some((name) => capabilities.includes(name))) return true;
  return (minKernel ?? '') !== '' && isAtLeast(kernel, minKernel!);
}

function rulesOf(syscalls: NonNullable<Profile['syscalls']>, machine: Machine): NonNullable<Seccomp['syscalls']> {
  return syscalls
    .filter((rule) => !excludes(rule.excludes ?? {}, machine) && includes(rule.includes ?? {}, machine))
    .map(({ name, names, includes: _in, excludes: _out, ...rule }) => {
      if ((name ?? '') === '') return { ...rule, names: [...(names ?? [])] };
      if ((names ?? []).length === 0) return { ...rule, names: [name!] };
      throw engineError("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'");
    });
}

/** The rules that apply on this machine, for a container with these capabilities. */
export function decided(host: Host, profile: Profile, capabilities: readonly string[]): Seccomp {
  const { archMap, syscalls, ...rest } = profile;
  if ((archMap ?? []).length > 0 && (rest.architectures ?? []).length > 0)
    throw engineError(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    );
  const native = nativeArchitecture(host);
  const own = archMap?.find(({ architecture }) => architecture === native);
  const kernel = host.readText('/proc/sys/kernel/osrelease', 256);
  return {
    ...rest,
    ...(own === undefined ? {} : { architectures: [native, ...(own.subArchitectures ?? [])] as Seccomp['architectures'] }),
    syscalls: rulesOf(syscalls ?? [], { arch: goName(native), capabilities, kernel }),
  } as Seccomp;
}
