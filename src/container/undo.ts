// What must be taken back when a later stage fails: newest first, all of it, whatever fails on the way.

export class UndoStack {
  readonly #actions: (() => void)[] = [];
  readonly #endings: (() => void)[] = [];

  push(action: () => void): void {
    this.#actions.push(action);
  }

  /** At the end, however it comes: what the actions need until then. */
  always(action: () => void): void {
    this.#endings.push(action);
  }

  /** Nothing is taken back any more. */
  commit(): void {
    this.#actions.length = 0;
    for (const ending of this.#endings.splice(0)) ending();
  }

  /** Takes everything back; `failed` hears what could not be. */
  run(failed: (caught: unknown) => void): void {
    for (let action = this.#actions.pop(); action !== undefined; action = this.#actions.pop()) {
      try {
        action();
      } catch (caught) {
        failed(caught);
      }
    }
    this.commit();
  }
}
