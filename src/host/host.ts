// The one door to the outside: everything the TypeScript needs from the operating system, implemented once in C++
// (addon/host) and bound twice (addon/napi, addon/quickjs). All calls are synchronous; a failure throws HostFailure. What there is
// not is null, never undefined. Arguments of other types than these are EINVAL (addon/host/functions.cpp has them once more).
import type {
  FileStatus,
  Program,
  ProgramResult,
  Service,
  Launch,
  Launched,
  NetDeviceMove,
  MovedNetDevice,
  MessageName,
  Received,
  SeccompFilter,
  ReadyNotification,
} from './values.js';

export type { HostFailure } from './failure.js';
export type * from './values.js';

export interface Host {
  // ---- this process
  readonly args: readonly string[];
  readonly pid: number;
  readonly euid: number;
  readonly egid: number;
  /** Where the programs are that belong to this one; not there: where the executable itself is (/proc/self/exe). */
  readonly directory?: string;
  /** null: it is not set. */
  env(name: string): string | null;
  cwd(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Writes all of it; fd 1 or 2 (EPIPE is ignored). */
  write(fd: number, text: string): void;
  exit(code: number): never;

  // ---- files. Paths are the runtime's own; none of these is used inside a root filesystem.
  /** UTF-8 text of a file of at most `limit` bytes (EFBIG beyond; EILSEQ when it is no UTF-8). */
  readText(path: string, limit: number): string;
  /** Everything on standard input, with the same limit. */
  readStdin(limit: number): string;
  /** One write(2) to an existing file, as procfs and cgroupfs want it. */
  writeControl(path: string, text: string): void;
  /** Appends one record to a file that is made with 0644 if missing. */
  append(path: string, text: string): void;
  /** Writes a file that is not there yet (EEXIST), with exactly this mode. */
  writeNew(path: string, text: string, mode: number): void;
  /** Replaces dir/name: temporary file, fsync, rename, fsync of the directory. */
  writeAtomic(directory: string, name: string, text: string, mode: number): void;
  /** mkdir(2), with exactly this mode; false when it exists already. Parents are made with `parents`. */
  mkdir(path: string, mode: number, parents: boolean): boolean;
  rmdir(path: string): void;
  unlink(path: string): void;
  /** A directory with all that is in it, however deep. Missing is fine. */
  removeDirectory(path: string): void;
  /** Names without "." and "..", unsorted. */
  readdir(path: string): string[];
  lstat(path: string): FileStatus | null;
  readLink(path: string): string;
  realPath(path: string): string;
  /** Filesystem magic of statfs(2). */
  statfsType(path: string): number;
  access(path: string, mode: number): boolean;
  /** Detaches the mount at path (MNT_DETACH). */
  unmount(path: string): void;
  chown(path: string, uid: number, gid: number): void;
  /** Opens a directory for Host.lock and Host.listen. */
  openDirectory(path: string): number;
  /** Opens a file to hand it on. */
  openFile(path: string): number;
  /** flock(2), exclusive. False when another holds it after `waitMs`. Released by close. */
  lock(fd: number, waitMs: number): boolean;
  /** Whether path still names the directory that fd is. */
  isSameFile(fd: number, path: string): boolean;
  /** Whether the caller has left it open for us (Node has some of its own that cannot be told from those). */
  isInherited(fd: number): boolean;
  close(fd: number): void;

  // ---- cgroups: each with all that are below it, however deep and of whatever names; missing is fine
  /** rmdir(2) from the deepest on; not `gone` while somebody is in one, or when there were more than could be removed in `ms`. */
  removeCgroup(path: string, ms: number): { readonly gone: boolean; readonly removed: number };
  /** Pids of who is in them, in no order. */
  cgroupProcesses(path: string): number[];
  /** One write(2) to the file of that name in each; one that fails is passed over. */
  writeCgroups(path: string, file: string, text: string): void;

  // ---- processes
  /** pidfd_open(2), or -1 when there is no such process. */
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): void;
  /** True when it has ended within `ms`. */
  waitPidfd(pidfd: number, ms: number): boolean;
  /** Reaps a child of ours; its wait status as waitid(2) gives it, or null when it is no child of ours. */
  reap(pidfd: number): { readonly code: number; readonly signal: number } | null;
  runProgram(program: Program): ProgramResult;
  sleep(ms: number): void;
  /** Returns when it executes its program; fails when it cannot. */
  startService(service: Service): Launched;
  /** One packet of its, with the descriptor that came along or -1; null when it has closed. ETIMEDOUT after waitMs (0: never). */
  receiveBytes(channel: number, waitMs: number): { readonly bytes: Uint8Array; readonly fd: number } | null;
  sendBytes(channel: number, bytes: Uint8Array): void;

  // ---- waiting
  /** Milliseconds of a clock that nobody sets. */
  monotonic(): number;
  /** Opens a file that the kernel tells changes of (cgroup.events, memory.events), for readWatched and poll. */
  openWatched(path: string): number;
  /** Its text now. Fails with ENODEV when what it told of is gone. */
  readWatched(fd: number): string;
  /** An eventfd(2) for cgroup v1's event_control. */
  openEventfd(): number;
  /** How often it was signalled since it was last read. */
  readEventfd(fd: number): number;
  /** poll(2) until one is readable (pidfds, counters) or has changed (watched files): those. None after `ms` (-1: no limit). */
  poll(readable: readonly number[], changed: readonly number[], ms: number): number[];

  // ---- a container's first process
  launch(launch: Launch): Launched;
  /** Next message, or null when the other end is closed; ECONNRESET when it has not read what we sent. ETIMEDOUT after waitMs (0: never). */
  receive(channel: number, waitMs: number): Received | null;
  /** Of the descriptor that came with `report`, once the other end is closed: null: it is at execve(2); `failed`; `none`: it ended at that step. */
  readReport(fd: number): Received | null;
  send(channel: number, message: MessageName, text: string): void;
  /** A listening SOCK_SEQPACKET socket `name` in the directory, for nobody but its owner. */
  listen(directory: number, name: string): number;
  /** Connects to it: -1 when nobody listens any more (the container was started, or is gone). */
  connect(directory: number, name: string): number;

  /** Loads an eBPF program for device access and attaches it to a cgroup v2 directory (bpf(2)). */
  attachDeviceProgram(cgroup: string, program: Uint8Array): void;
  /** The same instead of the one that attachDeviceProgram attached there, at once. */
  replaceDeviceProgram(cgroup: string, program: Uint8Array): void;

  // ---- network devices
  /** Opens a file of /proc/PID/ns, or one that was bound elsewhere. */
  openNamespace(path: string): number;
  /** rtnetlink(7): moves and renames a device, which is down then. EEXIST: `newName` is taken there. */
  moveNetDevice(move: NetDeviceMove): MovedNetDevice;
  /** Gives a device the addresses that it had, and sets it up or down. */
  configureNetDevice(device: {
    readonly network: number;
    readonly name: string;
    readonly addresses: Uint8Array;
    readonly up: boolean;
  }): void;

  // ---- terminal
  /** Sends fd by SCM_RIGHTS to the Unix stream socket at path, as --console-socket wants it. */
  sendFdToPath(path: string, fd: number, name: string): void;
  /** Connects to a Unix stream socket. */
  connectStream(path: string): number;
  /** Sends the text, and fd with it by SCM_RIGHTS. */
  sendFd(socket: number, fd: number, text: string): void;
  /** Of our own terminal, if standard input is one. */
  takeWindowSize(master: number): void;
  /** Keeps the signals that `supervise` forwards until it is called: the program is there before that. */
  blockSignals(): void;
  /**
   * Stands in for a container in the foreground until it ends: forwards signals, copies between our terminal and `master`
   * (-1: none), passes on that the program is ready, reaps strays. Returns the program's exit code (128 + signal).
   */
  supervise(pidfd: number, pid: number, master: number, ready: ReadyNotification | null): number;
  /** PR_SET_CHILD_SUBREAPER. */
  setChildSubreaper(): void;

  // ---- sd_notify(3)
  /** A bound SOCK_DGRAM socket `name` that everybody may send to, made in a directory of our own and moved to `shown`. */
  listenDatagram(directory: string, shown: string, name: string): number;
  /** Waits for READY=1 on the socket; false when the process ends before. */
  awaitReady(socket: number, pidfd: number): boolean;
  /** One datagram to a Unix socket; an abstract one's path begins with "@". */
  sendDatagram(path: string, text: string): void;

  // ---- cache: a directory that only its owner can write to
  /** What was written for exactly this key; null when it is not there, is damaged or is not ours alone. */
  readCache(directory: string, key: string): Uint8Array | null;
  /** Writes it and keeps no more than `limit` entries. False, and no harm done, where that cannot be. */
  writeCache(directory: string, key: string, data: Uint8Array, limit: number): boolean;

  // ---- seccomp
  /** libseccomp: the filter as struct sock_filter[]. */
  compileSeccomp(filter: SeccompFilter): Uint8Array;
  /** Their numbers on an architecture (0: the native one), below 0 where it has none; null: libseccomp knows no such name. */
  resolveSyscalls(architecture: number, names: readonly string[]): (number | null)[];
  /** libseccomp's token of the native architecture. */
  seccompNativeArchitecture(): number;
  /** Whether libseccomp has that architecture. */
  seccompHasArchitecture(architecture: number): boolean;
  /** Whether the kernel has that flag of seccomp(2). */
  seccompHasFlag(flag: number): boolean;
  /** The libseccomp version, "2.5.4". */
  seccompVersion(): string;
}
