// What the parts of one Runtime share.
import { emitWarning } from 'node:process';
import type { RuntimeSettings } from '../server/messages.js';
import type { Warn } from './fork-server/exchange.js';

export interface RuntimeContext {
  readonly settings: RuntimeSettings;
  readonly warn: Warn;
}

export interface Warning {
  readonly message: string;
  /** JSON pointer of the config field. */
  readonly pointer: string | undefined;
}

/** An exception from a caller's function must not fail the request, whose result would be lost: Node prints it. */
export function warnTo(heard: ((warning: Warning) => void) | undefined): Warn {
  return (message, pointer) => {
    try {
      heard?.({ message, pointer });
    } catch (caught) {
      emitWarning(`onWarning threw: ${String(caught)}`);
    }
  };
}

/** Undoes something after a failure. A second failure is only a warning, since the caller needs the first one. */
export async function cleanUp(warn: Warn, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (caught) {
    warn(`while cleaning up: ${caught instanceof Error ? caught.message : String(caught)}`);
  }
}
