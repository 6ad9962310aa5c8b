// process, and what in linux is about the container's program: the tables of their fields. Each puts its steps into the phase where
// the kernel accepts them.
import { add, refuse, type Draft } from '../draft.js';
import type { Linux, Process, Spec } from '../spec-types.js';
import {
  CloseOnExecT,
  CpuAffinityT,
  ExecT,
  FindProgramT,
  make,
  Message,
  NoNewPrivilegesT,
  ParkT,
  SetHomeT,
  ShareReportT,
  SyncT,
  TerminalT,
  WorkingDirectoryT,
  WriteProcT,
} from '../step.js';
import { capabilitySets, planCapabilities } from './capabilities.js';
import { bitList } from './bit-lists.js';
import { planRlimits } from './rlimits.js';
import { planMissingDirectory } from './root.js';
import { planIoPriority, planMemoryPolicy, planPersonality, planScheduler } from './scheduling.js';
import { planSeccomp } from './seccomp.js';
import { planUser } from './user.js';

type Planner<T> = (draft: Draft, value: T | undefined, pointer: string) => void;

/** A field that needs nothing for the container's first process, or that its neighbour plans. */
const nothing = (): void => undefined;

/** The container's environment. If two variables have one name, the last one counts; an empty HOME counts as none. */
export function readEnvironment(env: readonly string[]): { readonly list: string[]; readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  for (const entry of env) {
    const name = entry.slice(0, entry.indexOf('='));
    // Its place in the list is that of the last one, too.
    values.delete(name);
    values.set(name, entry);
  }
  if (values.get('HOME') === 'HOME=') values.delete('HOME');
  return { list: [...values.values()], values };
}

/** sd_listen_fds(3): in its own pid namespace, the program is pid 1. */
function listenVariables({ options }: Draft): string[] {
  return options.listenFds > 0 ? [`LISTEN_FDS=${options.listenFds}`, 'LISTEN_PID=1'] : [];
}

/** execvp(3): without PATH, there is a default. */
function searchPath(values: ReadonlyMap<string, string>): string[] {
  const path = values.get('PATH')?.slice('PATH='.length);
  return path === undefined ? ['/bin', '/usr/bin'] : path.split(':');
}

function planProgram(draft: Draft, args: Process['args'] = [], pointer: string): void {
  const process = draft.spec.process!;
  const { list, values } = readEnvironment([...(process.env ?? []), ...listenVariables(draft)]);
  const { effective } = capabilitySets(process.capabilities);
  add(draft, 'program', `${pointer}/0`, make(FindProgramT, { file: args[0]!, search: searchPath(values), effective }));
  if (!values.has('HOME')) add(draft, 'program', '/process/env', make(SetHomeT, { uid: process.user?.uid ?? 0 }));
  add(draft, 'report', pointer, make(ShareReportT, { words: args.length + list.length }));
  add(draft, 'exec', pointer, make(ExecT, { args: [...args], env: list }));
}

function planWorkingDirectory(draft: Draft, cwd: Process['cwd'] | undefined, pointer: string): void {
  const path = cwd ?? '/';
  if (path !== '/' && !draft.inExistingContainer) planMissingDirectory(draft, path, pointer);
  // With the user's ids and still all capabilities, for directories that only the user or only root may enter.
  add(draft, 'user', pointer, make(WorkingDirectoryT, { path }));
}

function planTerminal(draft: Draft, terminal: Process['terminal'], pointer: string): void {
  if (terminal !== true) return;
  const { consoleSize, user } = draft.spec.process!;
  const rows = Number(consoleSize?.height ?? 0);
  const columns = Number(consoleSize?.width ?? 0);
  add(draft, 'terminal', pointer, make(TerminalT, { rows, columns, bind: !draft.inExistingContainer, uid: user?.uid ?? 0 }));
}

function planOomScore(draft: Draft, score: Process['oomScoreAdj'], pointer: string): void {
  if (score === undefined) return;
  const fields = { path: '/proc/self/oom_score_adj', value: String(score), optional: draft.options.rootless };
  add(draft, 'host', pointer, make(WriteProcT, fields));
}

/** A label for the next exec. Before `created`, so that a wrong one fails in create; a startContainer hook must not get it. */
function addLabel(draft: Draft, pointer: string, path: string, value: string): void {
  const hooks = draft.spec.hooks?.startContainer?.length ?? 0;
  add(draft, hooks === 0 ? 'program' : 'label', pointer, make(WriteProcT, { path, value }));
}

function planApparmor(draft: Draft, profile: Process['apparmorProfile'], pointer: string): void {
  if (profile === undefined || profile === '') return;
  if (draft.facts.apparmor === '')
    refuse(pointer, 'this machine has no AppArmor', 'Omit it, or boot with AppArmor: the process would not be confined');
  addLabel(draft, pointer, `${draft.facts.apparmor}/exec`, `exec ${profile}`);
}

function planSelinux(draft: Draft, label: Process['selinuxLabel'], pointer: string): void {
  if (label === undefined || label === '') return;
  if (!draft.facts.selinux) refuse(pointer, 'this machine has no SELinux');
  addLabel(draft, pointer, '/proc/self/attr/exec', label);
}

function planNoNewPrivileges(draft: Draft, wanted: Process['noNewPrivileges'], pointer: string): void {
  if (wanted === true) add(draft, 'program', pointer, new NoNewPrivilegesT());
}

/** Only for exec: the first process may run wherever its cgroup may. */
function planAffinity(draft: Draft, affinity: Process['execCPUAffinity'], pointer: string): void {
  if (!draft.inExistingContainer || affinity === undefined) return;
  draft.affinity = bitList(affinity.initial ?? '');
  const mask = bitList(affinity.final ?? '');
  if (mask.length > 0) add(draft, 'host', `${pointer}/final`, make(CpuAffinityT, { mask }));
}

/** In the order of planning, which within one phase is the order of the steps. */
const planners = {
  terminal: planTerminal,
  consoleSize: nothing, // with the terminal
  oomScoreAdj: planOomScore,
  scheduler: planScheduler,
  ioPriority: planIoPriority,
  rlimits: planRlimits,
  user: planUser,
  cwd: planWorkingDirectory,
  capabilities: planCapabilities,
  args: planProgram,
  env: nothing, // with the program
  apparmorProfile: planApparmor,
  selinuxLabel: planSelinux,
  noNewPrivileges: planNoNewPrivileges,
  execCPUAffinity: planAffinity,
  commandLine: nothing, // of Windows
} satisfies { [K in keyof Process]-?: Planner<Process[K]> };

/** Fields of linux that each process of the container has of its own. */
const linuxPlanners = {
  seccomp: planSeccomp,
  personality: planPersonality,
  memoryPolicy: planMemoryPolicy,
} satisfies { [K in keyof Linux]: Planner<Linux[K]> };

function runAll(draft: Draft, { process, linux = {} }: Spec): void {
  // Without a process the container can be created; start then finds nothing to run.
  for (const key of process === undefined ? [] : (Object.keys(planners) as (keyof Process)[])) {
    (planners[key] as Planner<unknown>)(draft, process![key], `/process/${key}`);
  }
  for (const key of Object.keys(linuxPlanners) as (keyof typeof linuxPlanners)[]) {
    (linuxPlanners[key] as Planner<unknown>)(draft, linux[key], `/linux/${key}`);
  }
}

/** Everything about the container's program, and the wait between create and start. */
export function planProcess(draft: Draft): void {
  runAll(draft, draft.spec);
  add(draft, 'park', '', make(SyncT, { send: Message.created, expect: Message.park }));
  const preserve = draft.options.preserveFds;
  add(draft, 'park', '', draft.inExistingContainer ? make(CloseOnExecT, { preserve }) : make(ParkT, { preserve }));
}
