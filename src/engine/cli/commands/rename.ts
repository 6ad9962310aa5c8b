import { renameContainer } from '../../containers/change.js';
import { requireContainer } from '../../records/container-store.js';
import type { Call } from '../command.js';

export function run({ engine, args }: Call): number {
  const { record } = requireContainer(engine, args[0]!);
  renameContainer(engine, record.id, args[1]!);
  return 0;
}
