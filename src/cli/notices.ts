// Warnings, and what --strict makes of some of them.
import { PockerError } from '../errors.js';
import type { Notices } from '../container/notices.js';
import type { Invocation } from './invocation.js';

export function notices({ log, globals }: Invocation): Notices {
  return {
    warn: (text, fields) => log.warn(text, fields),
    notApplied: (text, fields = {}) => {
      if (!globals.strict) return log.warn(text, fields);
      const pointer = typeof fields['pointer'] === 'string' ? fields['pointer'] : '';
      throw new PockerError('E_UNSUPPORTED', pointer === '' ? text : `${pointer}: ${text}`, {
        ...(pointer === '' ? {} : { pointer }),
        hint: 'without --strict this is a warning',
      });
    },
  };
}
