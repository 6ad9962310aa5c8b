// container prune: removes stopped containers.
import { PockerError } from '../../../../errors.js';
import { removeContainer } from '../../../containers/ending/remove.js';
import { Bar } from '../../../progress.js';
import { allContainers } from '../../../records/container-store.js';
import type { Engine } from '../../../engine.js';
import { emit } from '../../../records/events.js';
import type { Call } from '../../command.js';
import { confirmed } from '../../confirm.js';
import { parseFilters, passesPrune, type Filters } from '../../../flags/filters.js';
import { humanSize } from '../../format/units.js';
import { refreshed, writtenBytes } from '../../../containers/now.js';
import { beforeUntil } from '../../../flags/moments.js';

export interface Pruned {
  readonly ids: readonly string[];
  readonly bytes: number;
}

export const pruneFilters = ['until', 'label', 'label!'];

export function isPrunable(engine: Engine, filters: Filters, labels: Readonly<Record<string, string>>, created: string): boolean {
  return passesPrune(filters, labels) && beforeUntil(engine, filters, created);
}

export function pruneContainers(engine: Engine, filters: Filters): Pruned {
  let bytes = 0;
  const ids: string[] = [];
  const found = allContainers(engine).filter((container) => {
    const { record, state } = refreshed(engine, container);
    return ['created', 'exited'].includes(state.status) && isPrunable(engine, filters, record.config.Labels, record.created);
  });
  const bar = new Bar(engine);
  for (const [index, container] of found.entries()) {
    const { record } = container;
    bar.step('Removing containers', index, found.length);
    try {
      const size = writtenBytes(engine, container);
      removeContainer(engine, record.id, { force: false, volumes: false });
      bytes += size;
      ids.push(record.id);
    } catch (caught) {
      // Another command has started or removed it meanwhile.
      if (!(caught instanceof PockerError)) throw caught;
      engine.log.warn(`kept ${record.name}: ${caught.message}`);
    }
  }
  bar.end();
  emit(engine, { Type: 'container', Action: 'prune', id: '', attributes: { reclaimed: String(bytes) } });
  return { ids, bytes };
}

export function run(call: Call): number {
  const { engine, values } = call;
  const filters = parseFilters(values, pruneFilters);
  if (!confirmed(call, 'This will remove all stopped containers.')) return 0;
  const { ids, bytes } = pruneContainers(engine, filters);
  const list = ids.length === 0 ? '' : `Deleted Containers:\n${ids.map((id) => `${id}\n`).join('')}\n`;
  engine.host.write(1, `${list}Total reclaimed space: ${humanSize(bytes)}\n`);
  return 0;
}
