import { showEvents } from '../../runtime/events.js';
import { parseDuration } from '../duration.js';
import type { Invocation } from '../invocation.js';
import { usageError } from '../parse.js';

export function run({ host, log, globals, values, args }: Invocation): number {
  const text = String(values['interval'] ?? '5s');
  const intervalMs = parseDuration(text);
  if (intervalMs === undefined)
    throw usageError(`invalid value ${JSON.stringify(text)} for flag -interval`, 'For example: 5s, 1m30s or 500ms');
  if (intervalMs <= 0) throw usageError('duration interval must be greater than 0');
  const warn = (warning: string): void => {
    log.warn(warning);
  };
  showEvents(host, { root: globals.root, id: args[0] ?? '', once: values['stats'] === true, intervalMs, warn });
  return 0;
}
