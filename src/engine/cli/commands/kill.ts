import { given } from '../../flags/values.js';
import { killContainer, signalOf } from '../../containers/ending/stop.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';

export function run(call: Call): number {
  const signal = given(call.values, 'signal') ?? 'KILL';
  signalOf(signal);
  return forEachContainer(call, ({ record }) => killContainer(call.engine, record.id, signal));
}
