import { emit } from '../../../records/events.js';
import { pruneImages } from '../../../images/remove.js';
import type { Call } from '../../command.js';
import { confirmed } from '../../confirm.js';
import { parseFilters, passesPrune, type Filters } from '../../../flags/filters.js';
import { humanSize } from '../../format/units.js';
import { clearStaging } from '../../../store/staging.js';
import { allImages } from '../../../images/find.js';
import type { Image } from '../../../records/image.js';
import { beforeUntil } from '../../../flags/moments.js';

function fits({ engine }: Call, filters: Filters, { config, created }: Image): boolean {
  return passesPrune(filters, config.Labels ?? {}) && beforeUntil(engine, filters, created);
}

export function run(call: Call): number {
  const { engine, values } = call;
  const all = values['all'] === true;
  const filters = parseFilters(values, ['until', 'label', 'label!', 'dangling']);
  const wanted = all || filters.get('dangling')?.includes('false') === true;
  const what = wanted ? 'all images without at least one container associated to them' : 'all dangling images';
  if (!confirmed(call, `This will remove ${what}.`)) return 0;
  clearStaging(engine);
  const { untagged, deleted, bytes } = pruneImages(engine, wanted, (image) => fits(call, filters, image), allImages(engine));
  const lines = [...untagged.map((name) => `untagged: ${name}\n`), ...deleted.map((id) => `deleted: ${id}\n`)];
  const list = lines.length === 0 ? '' : `Deleted Images:\n${lines.join('')}\n`;
  engine.host.write(1, `${list}Total reclaimed space: ${humanSize(bytes)}\n`);
  emit(engine, { Type: 'image', Action: 'prune', id: '', attributes: { reclaimed: String(bytes) } });
  return 0;
}
