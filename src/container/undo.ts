// What must be undone if a later stage fails: all of it, newest first, whatever fails on the way.

/**
 * hidden: no record mentions it. recorded: the record names it, so delete can undo it, too, but by a path that may have become
 * another container's. process: recorded, and always ours.
 */
type Kind = 'hidden' | 'recorded' | 'process';

export class UndoStack {
  readonly #actions: { readonly kind: Kind; readonly run: () => void }[] = [];
  readonly #endings: (() => void)[] = [];

  push(kind: Kind, run: () => void): void {
    this.#actions.push({ kind, run });
  }

  /** Runs `action` at the end, whatever the outcome: it releases what the other actions need. */
  always(action: () => void): void {
    this.#endings.push(action);
  }

  /** From now on, nothing is undone. */
  commit(): void {
    this.#actions.length = 0;
    for (const ending of this.#endings.splice(0)) ending();
  }

  /**
   * Undoes everything; if the record is no longer `ours`, except what is recorded. Calls `failed` for what could not be undone.
   * Returns false if something that the record names is left.
   */
  run(ours: boolean, failed: (caught: unknown) => void): boolean {
    let complete = true;
    for (let action = this.#actions.pop(); action !== undefined; action = this.#actions.pop()) {
      if (action.kind === 'recorded' && !ours) continue;
      try {
        action.run();
      } catch (caught) {
        if (action.kind !== 'hidden') complete = false;
        failed(caught);
      }
    }
    this.commit();
    return complete;
  }
}
