// What a sweep found.
import type { Kind } from './judgement.js';

export interface Finding {
  readonly call: string;
  readonly nth: number;
  readonly problem: string;
}

/** The results of one kind of fault in one command. */
export interface Row {
  readonly command: string;
  readonly kind: Kind;
  readonly calls: number;
  /** The command failed, and named the call. */
  readonly reported: number;
  /** It did its work without that call. */
  readonly unharmed: number;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}
