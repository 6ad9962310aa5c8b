// What a config does wrong, and how a list of that is reported: one error, one line for each.
import type { Source } from '../json/json.js';
import type { Position } from '../json/pointer.js';
import { PockerError, type ErrorCode } from '../errors.js';

export interface Violation {
  /** JSON pointer of the field. */
  readonly pointer: string;
  /** What was found and what is allowed. */
  readonly message: string;
  /** Of the schema's: the same in two parts. */
  readonly found?: string;
  readonly expected?: string;
}

/** A violation with its position in the text, if there is one: of a missing field, that of the object which lacks it. */
export type LocatedViolation = Violation & Partial<Position>;

/** More lines than these help nobody; the count says how many there are. */
const shownLimit = 100;

export function locateViolations(source: Source, violations: readonly Violation[]): LocatedViolation[] {
  return violations.map((violation) => ({ ...violation, ...source.position(violation.pointer) }));
}

function lineOf({ pointer, message, line, column }: LocatedViolation): string {
  const where = line === undefined ? '' : ` (line ${line}, column ${column})`;
  return `${pointer === '' ? 'the config' : pointer}${where}: ${message}`;
}

/** One error that holds them all: the first on its first line. */
export function violationError(code: ErrorCode, source: Source, violations: readonly Violation[]): PockerError {
  const located = locateViolations(source, violations);
  const lines = located.slice(0, shownLimit).map(lineOf);
  const rest = located.length - lines.length;
  if (rest > 0) lines.push(`and ${rest} more`);
  const count = violations.length === 1 ? '' : ` (1 of ${violations.length})`;
  const message = [`${source.name}: ${lines[0]}${count}`, ...lines.slice(1)].join('\n  ');
  const pointer = violations[0]?.pointer;
  return new PockerError(code, message, { ...(pointer === undefined ? {} : { pointer }), violations: located });
}
