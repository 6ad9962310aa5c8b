// ps: lists containers.
import type { Call } from '../command.js';
import { integerOf } from '../../flags/values.js';
import { showRows } from '../format/show-rows.js';
import { containerRows, headings } from '../listing/rows.js';
import { containerFilters, isSelected } from '../listing/filters.js';
import { allContainers, type StoredContainer } from '../../records/container-store.js';
import { refreshed, writtenBytes } from '../../containers/now.js';

/** What is shown without --all. */
const up: readonly string[] = ['running', 'paused', 'restarting'];

const columns = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'];

function shown({ engine, values }: Call): StoredContainer[] {
  const filters = containerFilters(values);
  const last = values['latest'] === true ? 1 : integerOf(values, 'last', 'ps');
  const all = values['all'] === true || last > 0 || ['status', 'exited'].some((name) => filters.has(name));
  const isShown = (container: StoredContainer): boolean => {
    const { state } = container;
    // It is about to be removed, unless somebody restarts it.
    if (state.status === 'exited' && container.record.hostConfig.AutoRemove && state.restarts !== true) return false;
    return (all || up.includes(state.status)) && isSelected(engine, container, filters);
  };
  const found: StoredContainer[] = [];
  for (const container of allContainers(engine)) {
    const current = refreshed(engine, container);
    if (isShown(current)) found.push(current);
  }
  return last > 0 ? found.slice(0, last) : found;
}

export function run(call: Call): number {
  const { engine, values } = call;
  const format = values['format'];
  const wantsSize = values['size'] === true || (typeof format === 'string' && format.includes('.Size'));
  const size = wantsSize ? { size: (one: StoredContainer) => writtenBytes(engine, one) } : {};
  const options = { now: engine.host.now(), full: values['no-trunc'] === true, ...size };
  showRows(call, {
    rows: containerRows(shown(call), options),
    headings,
    columns: values['size'] === true ? [...columns, 'Size'] : columns,
    quiet: 'ID',
  });
  return 0;
}
