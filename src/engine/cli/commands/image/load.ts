import { fromHost } from '../../../../errors.js';
import { engineError } from '../../../errors.js';
import { emit } from '../../../records/events.js';
import { loadImages } from '../../../images/archive.js';
import { layerProgress } from '../../../progress.js';
import { familiar, parseReference } from '../../../images/reference.js';
import type { Call } from '../../command.js';
import { inputFile } from '../../../store/input.js';
import { clearStaging, withStaging } from '../../../store/staging.js';

export function run({ engine, values }: Call): number {
  const { host } = engine;
  const input = values['input'];
  if (typeof input !== 'string' && host.isTerminal(0))
    throw engineError('requested load from stdin, but stdin is empty', 'Use the -i flag or redirect');
  clearStaging(engine);
  try {
    return withStaging(engine, (staging) => {
      const file = inputFile(engine, typeof input === 'string' ? input : '-', staging);
      for (const { id, names } of loadImages(engine, file, staging, layerProgress(engine, values['quiet'] === true))) {
        const shown = names.map((name) => familiar(parseReference(name)));
        const lines = shown.length === 0 ? [`Loaded image ID: ${id}\n`] : shown.map((name) => `Loaded image: ${name}\n`);
        host.write(1, values['quiet'] === true ? '' : lines.join(''));
        emit(engine, { Type: 'image', Action: 'load', id, attributes: { name: shown[0] ?? id } });
      }
      return 0;
    });
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot load', caught);
  }
}
