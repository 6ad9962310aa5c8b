// What must be taken back when a later stage fails: newest first, all of it, whatever fails on the way.

/**
 * hidden: no record tells of it. recorded: the record names it, so that delete can take it back as well, by a path that may
 * have become another container's. process: recorded, and nobody else's whatever happens.
 */
type Kind = 'hidden' | 'recorded' | 'process';

export class UndoStack {
  readonly #actions: { readonly kind: Kind; readonly run: () => void }[] = [];
  readonly #endings: (() => void)[] = [];

  push(kind: Kind, run: () => void): void {
    this.#actions.push({ kind, run });
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

  /**
   * Takes everything back, but nothing that is recorded when the record is not `ours` any more; `failed` hears what could not
   * be. False when some of what the record names is left.
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
