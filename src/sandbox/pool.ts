// Warm sandboxes: each serves one user and is then deleted, while another one takes its place.
import { AsyncLocalStorage } from 'node:async_hooks';
import { checkOne, usage } from '../api/options.js';
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
  readonly #used = new Set<Promise<unknown>>();
  readonly #ending = new Set<Promise<unknown>>();
  /** Set while a caller's `use` runs. */
  readonly #within = new AsyncLocalStorage<true>();
  #closed = false;

  constructor(given: PoolOptions = {}) {
    checkOne('options of SandboxPool', given, 'object');
    const { size = 4, ...options } = given;
    checkOne('size', size, 'positive integer');
    this.#options = options;
    this.#size = size;
    for (let i = 0; i < size; i++) this.#add();
  }

  #add(): void {
    const made = Sandbox.create(this.#options);
    // Whoever takes it gets the failure.
    made.catch(() => undefined);
    this.#warm.push(made);
  }

  /** Resolves once the pool is full of warm sandboxes and all used ones are gone. */
  async ready(): Promise<void> {
    await Promise.all([...this.#warm, ...this.#ending]);
  }

  /** Runs `body` with an unused sandbox. */
  async use<T>(body: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    if (this.#closed) throw usage('the pool is closed');
    const used = this.#use(body);
    const quiet = used.catch(() => undefined).finally(() => this.#used.delete(quiet));
    this.#used.add(quiet);
    return used;
  }

  async #use<T>(body: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    // If none is left, it gets the next one.
    if (this.#warm.length === 0) this.#add();
    const taken = this.#warm.shift()!;
    if (this.#warm.length < this.#size) this.#add();
    const sandbox = await taken;
    try {
      return await this.#within.run(true, () => body(sandbox));
    } finally {
      this.#end(sandbox[Symbol.asyncDispose]());
    }
  }

  /** Ends in the background. */
  #end(ending: Promise<unknown>): void {
    const quiet = ending.catch(() => undefined).finally(() => this.#ending.delete(quiet));
    this.#ending.add(quiet);
  }

  /** Waits until nobody uses any of them; inside `use`, which would never end, only for those that nobody uses. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#within.getStore() === undefined) await Promise.all(this.#used);
    for (const made of this.#warm.splice(0)) this.#end(made.then((sandbox) => sandbox[Symbol.asyncDispose]()));
    await Promise.all(this.#ending);
  }
}
