// What the parts of one Runtime share.
import type { RuntimeSettings } from '../server/messages.js';
import type { Warn } from './exchange.js';

export interface RuntimeContext {
  readonly settings: RuntimeSettings;
  readonly warn: Warn;
}
