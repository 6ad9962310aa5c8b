// What each verb gets, and what it returns.
import type { Host } from '../host/host.js';
import type { Notices } from '../container/notices.js';
import type { Answer, RuntimeSettings, Verb, Verbs } from './messages.js';

/** What a verb gets besides its request. */
export interface Context extends Notices {
  readonly host: Host;
  readonly root: string;
  readonly rootGiven: boolean;
  readonly cgroupManager: RuntimeSettings['cgroupManager'];
  readonly rootless: boolean;
  /** Where the program's messages are read. */
  readonly channel: number;
  /** Tells the program something before the result. */
  readonly say: (answer: Answer) => void;
  /** Tells the fork server "process", "ended", "own" or "disown". */
  readonly notice: (verb: string, text: string) => void;
}

export type VerbBody<V extends Verb> = (context: Context, request: Verbs[V]['takes']) => Verbs[V]['gives'];
