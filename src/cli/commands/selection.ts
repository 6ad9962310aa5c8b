// The containers that a command line names: one by its id, or all that a regular expression matches.
import { PockerError } from '../../errors.js';
import { toPockerError } from '../../log.js';
import { Store } from '../../container/store.js';
import type { Invocation } from '../invocation.js';
import { usageError } from '../parse.js';

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (caught) {
    throw usageError(`--regex: ${JSON.stringify(text)} is not a regular expression: ${String(caught)}`);
  }
}

const isGone = (caught: unknown): boolean => caught instanceof PockerError && caught.code === 'E_NO_CONTAINER';

/** The error, with the container that it is about. */
function about(id: string, caught: unknown): PockerError {
  const { code, message, details } = toPockerError(caught);
  return new PockerError(code, message.includes(id) ? message : `${id}: ${message}`, details);
}

/** Calls `body` for each id, even after a failure. Logs every failure but the last one, which is thrown. */
export function forEachSelected({ host, log, globals, values, args }: Invocation, body: (id: string) => void): void {
  const [text = ''] = args;
  if (values['regex'] !== true) {
    body(text);
    return;
  }
  const expression = pattern(text);
  const ids = new Store(host, globals.root).ids({ mustExist: globals.rootGiven }).filter((id) => expression.test(id));
  let failure: PockerError | undefined;
  for (const id of ids) {
    try {
      body(id);
    } catch (caught) {
      // Deleted since it was found.
      if (isGone(caught)) continue;
      if (failure !== undefined) log.error(failure);
      failure = about(id, caught);
    }
  }
  if (failure !== undefined) throw failure;
}
