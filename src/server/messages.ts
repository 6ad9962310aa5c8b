// The messages between src/api and the fork server's workers: a request as JSON, then lines of JSON. Anything in the shape of
// the specification (a config, a process, resources) is sent as its text, so that it is judged like text from a file and keeps
// its 64-bit integers.
import type { ConfigViolation, ErrorCode, ErrorDetails } from '../errors.js';
import type { DumpFlags, RestoreFlags } from '../criu/options.js';
import type { ProcessIdentity } from '../container/record.js';
import type { ContainerStatus } from '../runtime/state.js';

/** The settings of a Runtime. */
export interface RuntimeSettings {
  /** Absolute; "" for the default directory. */
  readonly root: string;
  readonly cgroupManager: 'cgroupfs' | 'systemd' | 'disabled';
  readonly rootless: 'auto' | boolean;
  readonly strict: boolean;
}

export interface ConfigSource {
  /** Absolute. */
  readonly bundle: string;
  /** Used instead of the bundle's config.json. */
  readonly config?: string;
}

export interface CreateRequest extends ConfigSource {
  readonly id: string;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  readonly preserveFds: number;
  /** Descriptor to send the terminal to; -1: none. */
  readonly console: number;
  readonly pidFile: string;
  /** The container is deleted when the program ends. */
  readonly owned: boolean;
}

/** Describes a process that was made. */
export interface Made {
  readonly process: ProcessIdentity;
}

export interface MadeContainer extends Made {
  readonly root: string;
  readonly bundle: string;
  /** Where the kernel counts the processes that it kills for lack of memory; "": nowhere. */
  readonly memoryEvents: string;
}

export interface Target {
  readonly id: string;
  /** Only that process: another container with that id does not belong to the caller. */
  readonly init: ProcessIdentity | null;
}

/** A violation of the schema, or of a rule that a schema cannot express. */
export interface CodedViolation extends ConfigViolation {
  readonly code: ErrorCode;
}

/** Each verb, with what it takes and gives. */
export interface Verbs {
  create: { readonly takes: CreateRequest; readonly gives: MadeContainer };
  /** create and start in one. */
  run: { readonly takes: CreateRequest; readonly gives: MadeContainer };
  restore: {
    readonly takes: CreateRequest & CheckpointPaths & { readonly flags: RestoreFlags };
    readonly gives: MadeContainer;
  };
  start: { readonly takes: { readonly id: string }; readonly gives: null };
  exec: { readonly takes: ExecRequest; readonly gives: Made };
  /** For a process that is not a child of the fork server: null if the kernel does not tell how it ended. */
  wait: {
    readonly takes: { readonly process: ProcessIdentity };
    readonly gives: { readonly code: number; readonly signal: number } | null;
  };
  signal: { readonly takes: { readonly process: ProcessIdentity; readonly signal: number }; readonly gives: boolean };
  kill: { readonly takes: { readonly id: string; readonly signal: number; readonly all: boolean }; readonly gives: null };
  delete: {
    readonly takes: Target & { readonly force: boolean; readonly owned: boolean; readonly stats: boolean };
    /** What it has used, if requested. */
    readonly gives: object | null;
  };
  get: { readonly takes: { readonly id: string }; readonly gives: ContainerStatus & Partial<MadeContainer> };
  list: { readonly takes: object; readonly gives: readonly ContainerStatus[] };
  pause: { readonly takes: { readonly id: string }; readonly gives: null };
  resume: { readonly takes: { readonly id: string }; readonly gives: null };
  update: { readonly takes: { readonly id: string; readonly resources: string; readonly rdt: string }; readonly gives: null };
  processes: { readonly takes: { readonly id: string }; readonly gives: readonly number[] };
  stats: { readonly takes: { readonly id: string }; readonly gives: object };
  events: { readonly takes: { readonly id: string; readonly intervalMs: number }; readonly gives: null };
  mounts: {
    readonly takes: { readonly id: string; readonly action: 'add' | 'remove'; readonly mounts: string };
    readonly gives: null;
  };
  checkpoint: {
    readonly takes: { readonly id: string; readonly flags: DumpFlags } & CheckpointPaths;
    readonly gives: null;
  };
  plan: { readonly takes: Omit<CreateRequest, 'pidFile' | 'owned' | 'console'>; readonly gives: unknown };
  validate: { readonly takes: { readonly name: string; readonly text: string }; readonly gives: readonly CodedViolation[] };
  features: { readonly takes: object; readonly gives: object };
  /** Sent by the fork server itself when the program has ended. */
  end: { readonly takes: { readonly owned: readonly Owned[] }; readonly gives: null };
}

export interface Owned {
  readonly root: string;
  readonly id: string;
  readonly init: ProcessIdentity;
}

export interface CheckpointPaths {
  readonly imagePath: string;
  readonly workPath: string;
  readonly parentPath: string | null;
}

export interface ExecRequest {
  readonly id: string;
  /** Where it differs from the container's own process. */
  readonly process: string;
  readonly cgroups: readonly string[];
  readonly ignorePaused: boolean;
  readonly preserveFds: number;
  readonly console: number;
  readonly pidFile: string;
}

export type Verb = keyof Verbs;

/** These change something but make no process: once a worker has begun, they must not be sent again. */
export const changing: readonly Verb[] = [
  'start',
  'signal',
  'kill',
  'delete',
  'pause',
  'resume',
  'update',
  'mounts',
  'checkpoint',
];

/** What the worker that made a container also does for its maker. */
export const attended = ['start', 'kill', 'get', 'stats', 'delete'] as const satisfies readonly Verb[];
export type AttendedVerb = (typeof attended)[number];
/** Bytes of a request that is sent to it. */
export const attendedLimit = 4096;

export type Request<V extends Verb = Verb> = {
  readonly [K in V]: { readonly verb: K; readonly runtime: RuntimeSettings } & Verbs[K]['takes'];
}[V];

/** With the settings of the request that made the container. */
export type AttendedRequest = { readonly [K in AttendedVerb]: { readonly verb: K } & Verbs[K]['takes'] }[AttendedVerb];

/** A PockerError in transit. */
export interface ErrorMessage extends Omit<ErrorDetails, 'cause'> {
  readonly code: ErrorCode;
  readonly message: string;
}

/** One line. The fork server itself reports ends, killed workers, and that an aborted request has been undone. */
export interface Answer {
  readonly result?: unknown;
  readonly error?: ErrorMessage;
  readonly warning?: { readonly message: string; readonly pointer?: string };
  readonly event?: { readonly type: 'stats' | 'oom'; readonly data?: object };
  readonly exit?: { readonly code: number; readonly signal: number };
  /** The worker that made a container has left. `taken`: how many requests it had begun; unknown if it was killed. */
  readonly left?: { readonly taken?: number };
  /** A worker of its own has begun to change something: the request must not be repeated. */
  readonly taken?: true;
  readonly aborted?: true;
}
