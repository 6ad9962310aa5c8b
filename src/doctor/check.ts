// One check of doctor: something that this machine has or lacks.

export type Result = 'ok' | 'missing' | 'unknown';

export interface Check {
  readonly area: 'kernel' | 'cgroups' | 'security' | 'ids' | 'programs' | 'state';
  readonly name: string;
  readonly result: Result;
  /** What was found: a version, a path, a list. */
  readonly detail: string;
  /** Without it, no container can be made. */
  readonly required: boolean;
  /** What cannot be done without it. */
  readonly lost: string;
  /** How to get it. */
  readonly remedy: string;
}

type Words = Pick<Check, 'area' | 'name' | 'lost' | 'remedy'> & { readonly required?: boolean };

export function checked(words: Words, result: Result | boolean, detail = ''): Check {
  const named = typeof result === 'string' ? result : result ? 'ok' : 'missing';
  return { required: false, ...words, result: named, detail };
}
