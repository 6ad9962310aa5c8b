// Warnings, and which of them --strict turns into errors.
import { strictly, type Notices } from '../container/notices.js';
import type { Invocation } from './invocation.js';

export function notices({ log, globals }: Invocation): Notices {
  return strictly((text, fields) => log.warn(text, fields), globals.strict);
}
