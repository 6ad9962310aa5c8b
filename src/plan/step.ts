// The operations of schema/plan.fbs under one import path, and the one way to make a step.
import * as generated from '../generated/plan/plan_generated.js';
import { Operation, StepT } from '../generated/plan/plan_generated.js';

export * from '../generated/plan/plan_generated.js';

export type StepOperation = NonNullable<StepT['operation']>;

/** Names of all operations: those of the union in schema/plan.fbs. */
type OperationName = Exclude<keyof typeof Operation, 'NONE'>;

/** Every operation by its name in the union. */
export const operationClasses = {
  JoinNamespace: generated.JoinNamespaceT,
  Fork: generated.ForkT,
  Unshare: generated.UnshareT,
  TimeNamespace: generated.TimeNamespaceT,
  Sync: generated.SyncT,
  BecomeRoot: generated.BecomeRootT,
  OpenSource: generated.OpenSourceT,
  TreePropagation: generated.TreePropagationT,
  MountRoot: generated.MountRootT,
  MountFilesystem: generated.MountFilesystemT,
  MountBind: generated.MountBindT,
  MountAttributes: generated.MountAttributesT,
  Directory: generated.DirectoryT,
  Device: generated.DeviceT,
  Symlink: generated.SymlinkT,
  Terminal: generated.TerminalT,
  EnterRoot: generated.EnterRootT,
  MaskPath: generated.MaskPathT,
  ReadonlyPath: generated.ReadonlyPathT,
  WriteProc: generated.WriteProcT,
  Hostname: generated.HostnameT,
  Domainname: generated.DomainnameT,
  Rlimit: generated.RlimitT,
  Scheduler: generated.SchedulerT,
  IoPriority: generated.IoPriorityT,
  Personality: generated.PersonalityT,
  MemoryPolicy: generated.MemoryPolicyT,
  CpuAffinity: generated.CpuAffinityT,
  Keyring: generated.KeyringT,
  NewSession: generated.NewSessionT,
  RunHook: generated.RunHookT,
  WorkingDirectory: generated.WorkingDirectoryT,
  SetUser: generated.SetUserT,
  Umask: generated.UmaskT,
  DropBounding: generated.DropBoundingT,
  SetCapabilities: generated.SetCapabilitiesT,
  NoNewPrivileges: generated.NoNewPrivilegesT,
  Seccomp: generated.SeccompT,
  FindProgram: generated.FindProgramT,
  SetHome: generated.SetHomeT,
  Park: generated.ParkT,
  Exec: generated.ExecT,
  Loopback: generated.LoopbackT,
  NotDumpable: generated.NotDumpableT,
  CloseOnExec: generated.CloseOnExecT,
  OpenRoot: generated.OpenRootT,
  IdMap: generated.IdMapT,
  KeepSources: generated.KeepSourcesT,
  CopyMounts: generated.CopyMountsT,
  OpenDescriptors: generated.OpenDescriptorsT,
  Unmount: generated.UnmountT,
} satisfies Record<OperationName, new () => StepOperation>;

/** By class, not by the class's name: bundlers rename classes. */
const types = new Map<unknown, Operation>();
for (const name of Object.keys(operationClasses) as OperationName[]) types.set(operationClasses[name], Operation[name]);

/** One step: `pointer` is the JSON pointer of the config field that asks for it, "" if none does. */
export function step(pointer: string, operation: StepOperation): StepT {
  return new StepT(types.get(operation.constructor) ?? Operation.NONE, operation, pointer);
}

/** Name of a step's operation, as schema/plan.fbs has it. */
export function operationName(one: StepT): string {
  return Operation[one.operationType];
}

/** The one way to write an operation: a new object of its class with these fields, the others as the schema defaults them. */
export function make<T extends StepOperation>(type: new () => T, fields: Partial<T>): T {
  return Object.assign(new type(), fields);
}
