import { emit } from '../../../records/events.js';
import { tagImage } from '../../../images/tag.js';
import type { Call } from '../../command.js';

export function run({ engine, args: [source, target] }: Call): number {
  const { id, name } = tagImage(engine, source!, target!);
  emit(engine, { Type: 'image', Action: 'tag', id, attributes: { name } });
  return 0;
}
