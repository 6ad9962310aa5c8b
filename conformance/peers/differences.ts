// Where pocker-runc and a peer do not do the same, and why. docs/differences.md is made of it. A difference that is not in here
// fails `npm run test:peers`, and so does an entry that no longer occurs.

/** The cases and facts in which it shows. Patterns: "*" is anything, "a|b" the one or the other. */
export interface Where {
  /** "runc" is every release, "runc 1.5" that one. */
  readonly peers: readonly string[];
  readonly cases: string;
  readonly facts: string;
  /** Only where ours, or theirs, has such a value. */
  readonly ours?: string;
  readonly theirs?: string;
}

export interface Difference {
  readonly what: string;
  readonly why: string;
  readonly where: readonly Where[];
}

export const differences: readonly Difference[] = [];
