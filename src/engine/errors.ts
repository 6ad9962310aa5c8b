// The engine's own failures: docker's texts where scripts match them, with the next step as a hint.
import { PockerError, type ErrorDetails } from '../errors.js';

const ENOENT = 2;
const ENOSPC = 28;
const EDQUOT = 122;

export const roomHint = "Make room with 'pocker system prune'";

/** Whether the disk is full, or the user's quota. */
export const isFull = (errno: number | undefined): boolean => errno === ENOSPC || errno === EDQUOT;

/** The same failure with a hint, for calls that a full disk may fail. */
export function advised(caught: unknown): unknown {
  if (!(caught instanceof PockerError) || caught.code !== 'E_ENGINE' || !isFull(caught.errno)) return caught;
  return new PockerError(caught.code, caught.message, { hint: roomHint, ...caught.details });
}

export function engineError(message: string, hint?: string, details: ErrorDetails = {}): PockerError {
  return new PockerError('E_ENGINE', message, hint === undefined ? details : { ...details, hint });
}

/** A wrong command line. */
export function usageError(message: string, command?: string): PockerError {
  return new PockerError('E_USAGE', message, { hint: `See 'pocker ${command === undefined ? '' : `${command} `}--help'` });
}

/** docker's exit codes of run, start and exec: no such program, one that cannot be executed, any other failure. */
export function failureCode(caught: unknown): number {
  if (!(caught instanceof PockerError) || caught.code !== 'E_EXEC') return 125;
  return caught.errno === ENOENT ? 127 : 126;
}

/** A command that exits with that code and has nothing more to say. */
export class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}
