// Every failure that a user sees is a PockerError; only this file turns one into words.
import { errnoName } from './host/errno.js';
import { missingCallHint } from './host/syscalls.js';
import { isGone, isHostFailure, isMissing } from './host/failure.js';

export { isGone, isHostFailure, isMissing };

/** Stable, documented codes (docs/errors.md); the JSON log carries them. */
export type ErrorCode =
  | 'E_USAGE'
  | 'E_ID_INVALID'
  | 'E_ID_IN_USE'
  | 'E_NO_CONTAINER'
  | 'E_STATE'
  | 'E_BUSY'
  | 'E_BUNDLE'
  | 'E_CONFIG_JSON'
  | 'E_CONFIG_SCHEMA'
  | 'E_CONFIG_RULE'
  | 'E_UNSUPPORTED'
  | 'E_ROOTFS'
  | 'E_CGROUP'
  | 'E_NAMESPACE'
  | 'E_MOUNT'
  | 'E_PROCESS'
  | 'E_EXEC'
  | 'E_HOOK'
  | 'E_CONSOLE'
  | 'E_SECCOMP'
  | 'E_CRIU'
  | 'E_ENGINE'
  | 'E_HOST'
  | 'E_INTERNAL';

/** One thing that is wrong with a config. */
export interface ConfigViolation {
  /** JSON pointer of the field. */
  readonly pointer: string;
  readonly message: string;
  /** Position in the text, from 1; absent for an object without a text. */
  readonly line?: number;
  readonly column?: number;
  /** Only for schema violations: what is there, and what is allowed. */
  readonly found?: string;
  readonly expected?: string;
}

export interface ErrorDetails {
  /** System call or step that failed: "mount_setattr", "pivot_root". */
  readonly operation?: string;
  readonly path?: string;
  /** Positive errno(3) number. */
  readonly errno?: number;
  /** JSON pointer of the config field it came from: "/mounts/3/source". */
  readonly pointer?: string;
  /** What to do about it, in one sentence. */
  readonly hint?: string;
  /** E_CONFIG_*: everything that is wrong with the config. */
  readonly violations?: readonly ConfigViolation[];
  readonly cause?: unknown;
}

export class PockerError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PockerError';
    this.code = code;
    this.details = details;
  }

  get operation(): string | undefined {
    return this.details.operation;
  }
  get path(): string | undefined {
    return this.details.path;
  }
  get errno(): number | undefined {
    return this.details.errno;
  }
  get pointer(): string | undefined {
    return this.details.pointer;
  }
  get hint(): string | undefined {
    return this.details.hint;
  }
  get violations(): readonly ConfigViolation[] | undefined {
    return this.details.violations;
  }
}

/** A PockerError about a failed Host call: "<what>: <operation> <path>: <errno text>". */
export function fromHost(code: ErrorCode, what: string, caught: unknown, details: ErrorDetails = {}): PockerError {
  if (caught instanceof PockerError) return caught;
  if (!isHostFailure(caught)) return new PockerError('E_INTERNAL', `${what}: ${String(caught)}`, { ...details, cause: caught });
  const subject = caught.path === undefined || caught.path === '' ? caught.operation : `${caught.operation} ${caught.path}`;
  const hint = missingCallHint(caught.operation, caught.errno);
  return new PockerError(code, `${what}: ${subject}: ${errnoName(caught.errno).text}`, {
    operation: caught.operation,
    errno: caught.errno,
    ...(caught.path === undefined ? {} : { path: caught.path }),
    ...(hint === undefined ? {} : { hint }),
    ...details,
    cause: caught,
  });
}
