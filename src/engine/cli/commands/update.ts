import { updateContainer } from '../../containers/change.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';
import { usageError } from '../../errors.js';

export function run(call: Call): number {
  const { engine, values } = call;
  if (Object.keys(values).length === 0) throw usageError('you must provide one or more flags when using this command', 'update');
  return forEachContainer(call, ({ record }) => updateContainer(engine, record.id, values));
}
