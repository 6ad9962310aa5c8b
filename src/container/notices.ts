// What a command says besides failing.
import { fromHost } from '../errors.js';

export type Warn = (text: string, fields?: Readonly<Record<string, unknown>>) => void;

export interface Notices {
  readonly warn: Warn;
  /** Something that the config asks for was not done: a warning; with --strict it throws. */
  readonly notApplied: Warn;
}

/** For what is taken back after a failure: its own failure is only said, since the first one is what the user needs. */
export function cleanUp(warn: Warn, action: () => void): void {
  try {
    action();
  } catch (caught) {
    warn(`while cleaning up: ${fromHost('E_INTERNAL', 'cleaning up', caught).message}`);
  }
}
