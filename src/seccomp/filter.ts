// The plan's filter as the program that init loads, from the cache or compiled.
import { fromHost, PockerError } from '../errors.js';
import type { Host, SeccompFilter } from '../host/host.js';
import type { Plan, SeccompPlan } from '../plan/plan.js';
import { filterKey } from '../plan/seccomp/key.js';
import { runFilter } from '../plan/seccomp/interpreter.js';
import { lastCall, refuseNewer } from '../plan/seccomp/newer-syscalls.js';
import { errnoName } from '../host/errno.js';
import { auditArchitecture, seccompActions } from '../plan/tables/seccomp.js';

/** Below the state root. No container can have this name. */
const cacheName = '@seccomp';
/** There are few profiles, however many containers there are. */
const cacheLimit = 64;
/** Version of what we add to libseccomp's program: raise it when that changes. */
const ownVersion = '2';

const pointer = '/linux/seccomp';

/** sizeof(struct sock_filter), BPF_MAXINSNS. */
const instructionSize = 8;
const mostInstructions = 4096;

const EPERM = 1;
const refusing = ['SCMP_ACT_KILL', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP', 'SCMP_ACT_ERRNO'];

/** Returns null if the config has no filter. `root`: of the state directories. */
export function compileFilter(host: Host, { seccomp }: Plan, root: string): Uint8Array | null {
  if (seccomp === null) return null;
  try {
    checkNames(host, seccomp);
    return cached(host, seccomp, root);
  } catch (caught) {
    throw fromHost('E_SECCOMP', 'cannot compile the seccomp filter', caught, { pointer });
  }
}

function checkNames(host: Host, { mustKnow }: SeccompPlan): void {
  mustKnow.forEach((names, entry) => {
    const name = host.resolveSyscalls(0, names).indexOf(null);
    if (name < 0) return;
    throw new PockerError(
      'E_SECCOMP',
      `libseccomp ${host.seccompVersion()} does not know the system call ${JSON.stringify(names[name])}`,
      {
        pointer: `${pointer}/syscalls/${entry}/names/${name}`,
        hint: 'Drop the annotation run.oci.seccomp_fail_unknown_syscall to ignore it',
      },
    );
  });
}

function cached(host: Host, plan: SeccompPlan, root: string): Uint8Array {
  const directory = `${root}/${cacheName}`;
  const key = filterKey(plan, [ownVersion, host.seccompVersion(), String(host.seccompNativeArchitecture())]);
  const known = host.readCache(directory, key);
  if (known !== null) return known;
  const program = compile(host, plan);
  checkExecve(host, program);
  if (program.length / instructionSize > mostInstructions)
    throw new PockerError(
      'E_SECCOMP',
      `the seccomp filter has ${program.length / instructionSize} instructions, but the kernel allows ${mostInstructions}`,
      { pointer },
    );
  remember(host, directory, key, program);
  return program;
}

/** A program that cannot be cached is not an error. */
function remember(host: Host, directory: string, key: string, program: Uint8Array): void {
  try {
    host.mkdir(directory, 0o700, true);
    host.writeCache(directory, key, program, cacheLimit);
  } catch {
    // The state directory is made next, and reports what is wrong.
  }
}

/** Under such a filter no program could ever be executed, and init could not always say so. */
function checkExecve(host: Host, program: Uint8Array): void {
  const [number] = host.resolveSyscalls(0, ['execve']);
  const answer = runFilter(program, { architecture: auditArchitecture(host.seccompNativeArchitecture()), number: number! });
  if (answer === undefined) return;
  const action = Object.entries(seccompActions).find(([, { value }]) => value === (answer & 0xffff_0000) >>> 0)?.[0] ?? '';
  if (!refusing.includes(action)) return;
  const errno = action === 'SCMP_ACT_ERRNO' ? answer & 0xffff : EPERM;
  throw new PockerError('E_SECCOMP', `the seccomp filter answers execve with ${action}: ${errnoName(errno).text}`, {
    operation: 'execve',
    errno,
    pointer,
    hint: 'Let linux.seccomp.syscalls allow execve: no program can be executed under this filter',
  });
}

function compile(host: Host, { filter, refuseNewer: wanted }: SeccompPlan): Uint8Array {
  filter.architectures.forEach((architecture, index) => {
    if (host.seccompHasArchitecture(architecture)) return;
    throw new PockerError('E_SECCOMP', `libseccomp ${host.seccompVersion()} has no such architecture`, {
      pointer: `${pointer}/architectures/${index}`,
    });
  });
  const program = host.compileSeccomp(filter);
  return wanted ? withNewer(host, filter, program) : program;
}

function withNewer(host: Host, filter: SeccompFilter, program: Uint8Array): Uint8Array {
  const names = filter.rules.flatMap((rule) => rule.names);
  // libseccomp adds the native architecture to every filter.
  const architectures = [...new Set([host.seccompNativeArchitecture(), ...filter.architectures])];
  const last = architectures.map((architecture) => lastCall(architecture, host.resolveSyscalls(architecture, names)));
  return refuseNewer(
    program,
    last.filter((call) => call !== undefined),
  );
}
