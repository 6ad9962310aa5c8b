// What a command says apart from failing.
import { fromHost, PockerError } from '../errors.js';
import type { PlanWarning } from '../plan/plan.js';

export type Warn = (text: string, fields?: Readonly<Record<string, unknown>>) => void;

export interface Notices {
  readonly warn: Warn;
  /** Something that the config asks for was not done: a warning, but with --strict it throws. */
  readonly notApplied: Warn;
}

/** For cleaning up after a failure: a second failure is only a warning, since the user needs the first one. */
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
        hint: 'Omit --strict to make this a warning',
      });
    },
  };
}

/** Advice is always a warning, even with --strict. */
export function sayAll(warnings: readonly PlanWarning[], { warn, notApplied }: Notices): void {
  for (const { pointer, text, advice } of warnings) (advice === true ? warn : notApplied)(text, { pointer });
}
