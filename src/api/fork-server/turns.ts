// Many requests at once take turns with everything else on the event loop.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How much of one turn requests may take. */
const budgetMs = 2;
let began: number | undefined;

/** Resolves once a request may begin: at once, unless others have used up this turn. */
export async function ownTurn(): Promise<void> {
  for (;;) {
    const now = performance.now();
    if (began === undefined) {
      began = now;
      setImmediate(() => {
        began = undefined;
      });
    }
    if (now - began < budgetMs) return;
    await nextTurn();
  }
}
