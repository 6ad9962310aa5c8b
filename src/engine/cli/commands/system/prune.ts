// system prune: removes whatever no container uses.
import { pruneImages } from '../../../images/remove.js';
import type { Call } from '../../command.js';
import { confirmed } from '../../confirm.js';
import { parseFilters } from '../../../flags/filters.js';
import { humanSize } from '../../format/units.js';
import { isPrunable, pruneContainers, pruneFilters } from '../container/prune.js';
import { pruneNetworks } from '../network.js';
import { pruneVolumes } from '../volume.js';
import { clearStaging } from '../../../store/staging.js';
import { allImages } from '../../../images/find.js';

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `Deleted ${title}:\n${lines.map((line) => `${line}\n`).join('')}\n`;

export function run(call: Call): number {
  const { engine, values } = call;
  const all = values['all'] === true;
  const volumes = values['volumes'] === true;
  const filters = parseFilters(values, pruneFilters);
  const what = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
  ];
  const list = what.map((line) => `  - ${line}\n`).join('');
  if (!confirmed(call, `This will remove:\n${list}`)) return 0;
  const containers = pruneContainers(engine, filters);
  const networks = pruneNetworks(engine, ({ labels, created }) => isPrunable(engine, filters, labels, created));
  const gone = volumes
    ? pruneVolumes(engine, ({ Anonymous, Labels, CreatedAt }) => Anonymous && isPrunable(engine, filters, Labels, CreatedAt))
    : null;
  clearStaging(engine);
  const images = pruneImages(
    engine,
    all,
    ({ config, created }) => isPrunable(engine, filters, config.Labels ?? {}, created),
    allImages(engine),
  );
  const lines = [...images.untagged.map((name) => `untagged: ${name}`), ...images.deleted.map((id) => `deleted: ${id}`)];
  engine.host.write(
    1,
    section('Containers', containers.ids) +
      section('Networks', networks) +
      section('Volumes', gone?.names ?? []) +
      section('Images', lines) +
      `Total reclaimed space: ${humanSize(containers.bytes + (gone?.size ?? 0) + images.bytes)}\n`,
  );
  return 0;
}
