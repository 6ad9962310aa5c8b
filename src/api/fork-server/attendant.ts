// The worker that made a container, which stays for a while to handle the next requests (src/server/attend.ts).
import { PockerError } from '../../errors.js';
import { writeJson } from '../../json/write.js';
import {
  attended,
  attendedLimit,
  changing,
  type Answer,
  type AttendedVerb,
  type Verb,
  type Verbs,
} from '../../server/messages.js';

interface Question {
  /** It changes something: once begun, it must not be repeated. */
  readonly changes: boolean;
  readonly resolve: (answer: { readonly result: unknown } | null) => void;
  readonly reject: (reason: PockerError) => void;
}

export const isAttended = (verb: Verb): verb is AttendedVerb => (attended as readonly Verb[]).includes(verb);

export class Attendant {
  #present = true;
  #question: Question | null = null;
  /** Questions sent to it. */
  #asked = 0;

  constructor(private readonly send: (text: string) => void) {}

  /** Whether it is working for this program, which should wait for it. */
  get busy(): boolean {
    return this.#question !== null;
  }

  /** null: it has left or is busy elsewhere, and another worker must do it. */
  async ask<V extends AttendedVerb>(verb: V, takes: Verbs[V]['takes']): Promise<{ readonly result: Verbs[V]['gives'] } | null> {
    const text = writeJson({ verb, ...takes });
    if (!this.#present || this.busy || text.length > attendedLimit) return null;
    const answer = new Promise<{ readonly result: unknown } | null>((resolve, reject) => {
      this.#question = { changes: changing.includes(verb), resolve, reject };
    });
    try {
      this.send(text);
      this.#asked++;
    } catch {
      // It has left, and this program has not read that yet.
      this.#question = null;
      return null;
    }
    return answer as Promise<{ readonly result: Verbs[V]['gives'] } | null>;
  }

  /** An answer that came after that of the request which made the container. */
  take(answer: Answer, errorOf: (message: NonNullable<Answer['error']>) => PockerError): void {
    const question = this.#question;
    this.#question = null;
    if (answer.error === undefined) question?.resolve({ result: answer.result });
    else question?.reject(errorOf(answer.error));
  }

  /** Another worker does whatever it had not begun. `taken`: how many requests it had begun; unknown if it was killed. */
  leave(taken: number | undefined, ended: () => PockerError): void {
    this.#present = false;
    const question = this.#question;
    this.#question = null;
    if (question?.changes === true && taken !== this.#asked - 1) question.reject(ended());
    else question?.resolve(null);
  }
}
