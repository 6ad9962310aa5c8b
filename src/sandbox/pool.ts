// Warm sandboxes: each serves one user and is then deleted, while another one takes its place.
import { check, usage } from '../api/options.js';
import type { SandboxOptions } from './options.js';
import { Sandbox } from './sandbox.js';

export interface PoolOptions extends SandboxOptions {
  /** How many to keep: 4 by default. */
  readonly size?: number;
}

export class SandboxPool {
  readonly #options: SandboxOptions;
  readonly #size: number;
  readonly #warm: Promise<Sandbox>[] = [];
  readonly #ending = new Set<Promise<unknown>>();
  #closed = false;

  constructor({ size = 4, ...options }: PoolOptions = {}) {
    check('options of SandboxPool', { size }, { size: 'positive integer' });
    this.#options = options;
    this.#size = size;
    for (let i = 0; i < size; i++) this.#add();
  }

  #add(): void {
    const made = Sandbox.create(this.#options);
    // Whoever takes it hears of the failure.
    made.catch(() => undefined);
    this.#warm.push(made);
  }

  /** Runs `body` with an unused sandbox. */
  async use<T>(body: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    if (this.#closed) throw usage('the pool is closed');
    // If none is left, it gets one of the next.
    if (this.#warm.length === 0) this.#add();
    const taken = this.#warm.shift()!;
    if (this.#warm.length < this.#size) this.#add();
    const sandbox = await taken;
    try {
      return await body(sandbox);
    } finally {
      this.#end(sandbox[Symbol.asyncDispose]());
    }
  }

  /** Ends in the background. */
  #end(ending: Promise<unknown>): void {
    const quiet = ending.catch(() => undefined).finally(() => this.#ending.delete(quiet));
    this.#ending.add(quiet);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const made of this.#warm.splice(0)) this.#end(made.then((sandbox) => sandbox[Symbol.asyncDispose]()));
    await Promise.all(this.#ending);
  }
}
