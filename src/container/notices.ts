// What a command says besides failing.
import { fromHost, PockerError } from '../errors.js';

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

/** `strict`: what cannot be applied is an error. */
export function strictly(warn: Warn, strict: boolean): Notices {
  return {
    warn,
    notApplied: (text, fields = {}) => {
      if (!strict) return warn(text, fields);
      const pointer = typeof fields['pointer'] === 'string' ? fields['pointer'] : '';
      throw new PockerError('E_UNSUPPORTED', pointer === '' ? text : `${pointer}: ${text}`, {
        ...(pointer === '' ? {} : { pointer }),
        hint: 'without --strict this is a warning',
      });
    },
  };
}
