import { createContainer } from '../../containers/create.js';
import { given } from '../../flags/values.js';
import type { Call } from '../command.js';
import { assertNoIdFile, writeIdFile } from './run.js';

export function run({ engine, values, args }: Call): number {
  const [image = '', ...words] = args;
  const idFile = given(values, 'cidfile');
  assertNoIdFile(engine, idFile);
  const { id } = createContainer(engine, { values, image, words });
  writeIdFile(engine, idFile, id);
  engine.host.write(1, `${id}\n`);
  return 0;
}
