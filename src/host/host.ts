// The only interface to the outside: everything that the TypeScript needs from the operating system, implemented once in C++
// (addon/host) and bound twice (addon/napi, addon/quickjs). All calls are synchronous; a failure throws HostFailure. Absent
// values are null, never undefined. Arguments of other types than these are EINVAL (addon/host/functions.cpp lists the types
// again). The calls are in calls/, by subject; at run time they are one object, which contract.test.ts compares with them.
import type { CgroupHost } from './calls/cgroups.js';
import type { EnvironmentHost } from './calls/environment.js';
import type { EventHost } from './calls/events.js';
import type { FileHost } from './calls/files.js';
import type { InitHost } from './calls/init.js';
import type { LayerHost } from './calls/layers.js';
import type { MountHost } from './calls/mounts.js';
import type { NetworkHost } from './calls/network.js';
import type { NotifyHost } from './calls/notify.js';
import type { ProcessHost } from './calls/processes.js';
import type { SeccompHost } from './calls/seccomp.js';
import type { TerminalHost } from './calls/terminal.js';
import type { Tracing } from './calls/trace.js';

export type { HostFailure } from './failure.js';
export type { FileStatus } from './calls/files.js';
export type { Launch, MessageName, Received } from './calls/init.js';
export type { MovedNetDevice, NetDeviceMove } from './calls/network.js';
export type { Mount } from './calls/mounts.js';
export type { ReadyNotification } from './calls/notify.js';
export type { Launched, Program, ProgramResult, Service } from './calls/processes.js';
export type { Attachment } from './calls/terminal.js';
export type { SeccompFilter, SeccompRule } from './calls/seccomp.js';

export interface Host
  extends
    EnvironmentHost,
    FileHost,
    CgroupHost,
    ProcessHost,
    EventHost,
    InitHost,
    LayerHost,
    MountHost,
    NetworkHost,
    TerminalHost,
    NotifyHost,
    SeccompHost {
  /** Only with --trace. */
  readonly trace?: Tracing;
}
