// docker's filters: which containers a listing shows.
import { flag, matches, parseFilters, passes, passesLabels, type Filters } from '../../flags/filters.js';
import type { Engine } from '../../engine.js';
import { requireContainer, type StoredContainer } from '../../records/container-store.js';
import { usageError } from '../../errors.js';
import type { EngineValues } from '../../flags/values.js';

const known = 'ancestor before exited expose health id is-task isolation label name network publish since status volume'.split(
  ' ',
);

const statuses = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];

export function containerFilters(values: EngineValues): Filters {
  const filters = parseFilters(values, known);
  for (const status of filters.get('status') ?? [])
    if (!statuses.includes(status)) throw usageError(`invalid filter 'status=${status}'`);
  for (const code of filters.get('exited') ?? [])
    if (!/^-?\d+$/.test(code)) throw usageError(`invalid filter 'exited=[${code}]'`);
  return filters;
}

/** "80", "80/tcp", "8000-8080/udp" */
function hasPort(keys: readonly string[], wanted: string): boolean {
  const [range = '', protocol = 'tcp'] = wanted.split('/');
  const [from = NaN, to = from] = range.split('-').map(Number);
  return keys.some((key) => {
    const [port = '', kind = 'tcp'] = key.split('/');
    return kind === protocol && Number(port) >= from && Number(port) <= to;
  });
}

function publishes({ state, record }: StoredContainer, wanted: string): boolean {
  const ports = Object.keys(state.ports).length > 0 ? state.ports : record.hostConfig.PortBindings;
  return Object.entries(ports).some(
    ([key, bindings]) =>
      bindings.length > 0 &&
      (hasPort([key], wanted) || bindings.some(({ HostPort }) => hasPort([`${HostPort}/${key.split('/')[1] ?? 'tcp'}`], wanted))),
  );
}

function isFrom({ record }: StoredContainer, image: string): boolean {
  const { image: id, config } = record;
  const tagged = (name: string): string => (/[:@][^/]*$/.test(name) ? name : `${name}:latest`);
  return (
    id === image || (/^[0-9a-f]{3,}$/.test(image) && id.startsWith(`sha256:${image}`)) || tagged(config.Image) === tagged(image)
  );
}

function isOn({ record, state }: StoredContainer, network: string): boolean {
  if (Object.hasOwn(record.networks, network) || record.hostConfig.NetworkMode === network) return true;
  return Object.values(state.endpoints).some(({ NetworkID }) => NetworkID.startsWith(network));
}

/** docker's "before" and "since" exclude the named container. */
function isWithin(engine: Engine, { record }: StoredContainer, filters: Filters): boolean {
  const created = (said: string): string => requireContainer(engine, said).record.created;
  return (
    passes(filters, 'before', (said) => record.created < created(said)) &&
    passes(filters, 'since', (said) => record.created > created(said))
  );
}

export function isSelected(engine: Engine, container: StoredContainer, filters: Filters): boolean {
  if (filters.size === 0) return true;
  const { record, state } = container;
  const { config, mounts } = record;
  return (
    passes(filters, 'status', (status) => state.status === status) &&
    passes(filters, 'id', (id) => matches(record.id, id)) &&
    passes(filters, 'name', (name) => matches(record.name, name) || matches(`/${record.name}`, name)) &&
    passes(filters, 'exited', (code) => state.status === 'exited' && state.exitCode === Number(code)) &&
    passes(filters, 'ancestor', (image) => isFrom(container, image)) &&
    passes(filters, 'volume', (volume) => mounts.some(({ Name, Destination }) => Name === volume || Destination === volume)) &&
    passes(filters, 'network', (network) => isOn(container, network)) &&
    passes(filters, 'health', (health) => (state.health?.Status ?? 'none') === health) &&
    passes(filters, 'expose', (port) => hasPort(Object.keys(config.ExposedPorts), port)) &&
    passes(filters, 'publish', (port) => publishes(container, port)) &&
    passes(filters, 'is-task', (value) => !flag('is-task', value)) &&
    passesLabels(filters, config.Labels) &&
    isWithin(engine, container, filters)
  );
}
