// What is wrong with a config, and how a list of violations is reported: as one error, with a line for each.
import type { Source } from '../json/json.js';
import type { Position } from '../json/pointer.js';
import { PockerError, type ErrorCode } from '../errors.js';

export interface Violation {
  /** JSON pointer of the field. */
  readonly pointer: string;
  /** What was found and what is allowed. */
  readonly message: string;
  /** Only for schema violations: the message in two parts. */
  readonly found?: string;
  readonly expected?: string;
}

/** A violation with its position in the text, if there is one; that of a missing field is the object that lacks it. */
export type LocatedViolation = Violation & Partial<Position>;

/** More lines would help nobody; the count says how many there are. */
const shownLimit = 100;

export function locateViolations(source: Source, violations: readonly Violation[]): LocatedViolation[] {
  return violations.map((violation) => ({ ...violation, ...source.position(violation.pointer) }));
}

function lineOf({ pointer, message, line, column }: LocatedViolation): string {
  const where = line === undefined ? '' : ` (line ${line}, column ${column})`;
  return `${pointer === '' ? 'the config' : pointer}${where}: ${message}`;
}

/** One error with all violations; the first one is on its first line. */
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
