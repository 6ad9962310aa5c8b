import { fromHost } from '../../../../errors.js';
import { emit } from '../../../records/events.js';
import { importImage } from '../../../images/commit.js';
import { applyInstructions } from '../../../images/instructions.js';
import { parsePlatform } from '../../../images/registry/platform.js';
import { canonical } from '../../../images/reference.js';
import { parseTarget } from '../../../images/tag.js';
import type { Call } from '../../command.js';
import { inputFile } from '../../../store/input.js';
import { clearStaging, withStaging } from '../../../store/staging.js';

export function run({ engine, values, args: [source, name] }: Call): number {
  const { message, platform } = values;
  const config = applyInstructions({}, (values['change'] as readonly string[] | undefined) ?? []);
  const names = name === undefined ? [] : [canonical(parseTarget(name))];
  clearStaging(engine);
  try {
    const { id } = withStaging(engine, (staging) => {
      const file = inputFile(engine, source!, staging);
      const options = {
        names,
        config,
        source: source!,
        ...(typeof message === 'string' ? { message } : {}),
        ...(typeof platform === 'string' ? { platform: parsePlatform(platform) } : {}),
      };
      return importImage(engine, file, options, staging);
    });
    emit(engine, { Type: 'image', Action: 'import', id, attributes: { name: id } });
    engine.host.write(1, `${id}\n`);
    return 0;
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot import', caught);
  }
}
