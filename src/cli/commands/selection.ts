// The containers that a command line names: one by its id, or all that a regular expression matches.
import { PockerError } from '../../errors.js';
import { Store } from '../../container/store.js';
import type { Invocation } from '../invocation.js';
import { usageError } from '../parse.js';

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (caught) {
    throw usageError(`--regex: ${JSON.stringify(text)} is no regular expression: ${String(caught)}`);
  }
}

/** Calls `body` for each id. All of them get their turn; the first failure is thrown at the end, the others are warnings. */
export function forEachSelected({ host, log, globals, values, args }: Invocation, body: (id: string) => void): void {
  const [text = ''] = args;
  if (values['regex'] !== true) {
    body(text);
    return;
  }
  const expression = pattern(text);
  const ids = new Store(host, globals.root).ids().filter((id) => expression.test(id));
  const failures: unknown[] = [];
  for (const id of ids) {
    try {
      body(id);
    } catch (caught) {
      if (failures.push(caught) > 1 && caught instanceof PockerError) log.warn(`${id}: ${caught.message}`);
    }
  }
  if (failures.length > 0) throw failures[0];
}
