// The types of the table of reasons (differences/).

/** The cases and facts in which a difference shows. Patterns: "*" is anything; "a|b" is either. */
export interface Where {
  /** "runc" is every release; "runc 1.5" is that one. */
  readonly peers: readonly string[];
  readonly cases: string;
  readonly facts: string;
  /** Only if ours, or theirs, has such a value. */
  readonly ours?: string;
  readonly theirs?: string;
}

export interface Difference {
  /** What pocker-runc does, and what the peer does. */
  readonly what: string;
  readonly why: string;
  readonly where: readonly Where[];
}

export interface Chapter {
  readonly title: string;
  readonly differences: readonly Difference[];
}

type Values = Pick<Where, 'ours' | 'theirs'>;

/** `peers`, separated by commas. */
export function on(peers: string, cases: string, facts: string, values: Values = {}): Where {
  return { peers: peers.split(', '), cases, facts, ...values };
}
