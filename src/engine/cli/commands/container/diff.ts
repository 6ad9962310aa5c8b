import { fromHost } from '../../../../errors.js';
import { requireContainer } from '../../../records/container-store.js';
import { changesOf } from '../../../layers/changes.js';
import type { Call } from '../../command.js';
import { withStaging } from '../../../store/staging.js';

export function run({ engine, args: [said] }: Call): number {
  const { record } = requireContainer(engine, said!);
  try {
    const changes = withStaging(engine, (staging) => changesOf(engine, record, `${staging}/mount`));
    engine.host.write(1, changes.map(({ kind, path }) => `${kind} ${path}\n`).join(''));
    return 0;
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot compare', caught);
  }
}
