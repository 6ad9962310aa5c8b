// Creates a container: its record and its name. Everything it needs to run is made when it starts.
import type { Engine } from '../engine.js';
import { engineError, usageError } from '../errors.js';
import { emit } from '../records/events.js';
import { fromHost, isHostFailure, type PockerError } from '../../errors.js';
import { chooseNetworks } from '../networks/choose.js';
import { parsePorts } from '../networks/ports.js';
import { changing } from '../records/journal.js';
import { randomName } from './names.js';
import { containerConfig, type Asked } from './options/config.js';
import { hostConfig } from './options/host-config.js';
import { refuseMissingSets, refuseMoreCpus } from './options/limits.js';
import { withProfile } from './options/seccomp-profile.js';
import { given, givenList, type EngineValues } from '../flags/values.js';
import {
  type ContainerConfig,
  type ContainerRecord,
  firstState,
  type HostConfig,
  type MountPoint,
} from '../records/container.js';
import { freeName } from './ending/removal.js';
import {
  attributesOf,
  containerDirectory,
  nameOwner,
  requireContainer,
  writeRecord,
  writeState,
} from '../records/container-store.js';
import { randomId } from '../records/ids.js';
import { obtainImage } from '../images/obtain.js';
import type { Image } from '../records/image.js';
import { destinationOf, parseMount, parseTmpfs, parseVolume } from '../volumes/parse.js';

const EEXIST = 17;

function pullMode(values: EngineValues): 'missing' | 'always' | 'never' {
  const said = given(values, 'pull') ?? 'missing';
  if (said === 'missing' || said === 'always' || said === 'never') return said;
  throw usageError(`invalid pull option: '${said}': must be one of "always", "missing" or "never"`, 'run');
}

function imageOf(engine: Engine, { values, image }: Asked): Image {
  const platform = given(values, 'platform');
  return obtainImage(engine, image, {
    pull: pullMode(values),
    quiet: values['quiet'] === true,
    ...(platform === undefined ? {} : { platform }),
  });
}

/** --volumes-from CONTAINER[:ro|rw]: that container's mounts. Its anonymous volumes go with it, unless they are used here. */
function mountsFrom(engine: Engine, word: string): MountPoint[] {
  const [name = '', mode = 'rw', ...rest] = word.split(':');
  if (rest.length > 0 || !['ro', 'rw', 'z', 'Z'].includes(mode))
    throw engineError(`invalid volumes-from specification: ${word}`, 'Use CONTAINER[:ro|rw]');
  return requireContainer(engine, name).record.mounts.flatMap(({ Anonymous: _own, ...point }) =>
    point.Type === 'tmpfs' ? [] : [{ ...point, RW: point.RW && mode !== 'ro' }],
  );
}

/** The requested mounts, then anonymous volumes for the other paths where the image wants volumes. */
function mountsOf(engine: Engine, { values }: Asked, config: ContainerConfig): MountPoint[] {
  const anonymous = (point: MountPoint): MountPoint =>
    point.Type === 'volume' && (point.Name ?? '') === '' ? { ...point, Name: randomId(engine), Anonymous: true } : point;
  const cwd = engine.host.cwd();
  const asked = [
    ...givenList(values, 'volume').map((word) => parseVolume(word, cwd)),
    ...givenList(values, 'mount').map((word) => parseMount(word, cwd)),
    ...givenList(values, 'tmpfs').map((word) => parseTmpfs(word)),
  ].map(anonymous);
  const taken = new Set<string>();
  for (const { Destination } of asked) {
    if (taken.has(Destination)) throw engineError(`Duplicate mount point: ${Destination}`, 'Mount only one thing there');
    taken.add(Destination);
  }
  // If several containers mount something there, the last one counts.
  const shared = givenList(values, 'volumes-from').flatMap((word) => mountsFrom(engine, word));
  for (const point of [...new Map(shared.map((one) => [one.Destination, one])).values()]) {
    if (taken.has(point.Destination)) continue;
    taken.add(point.Destination);
    asked.push(point);
  }
  const more = [...new Set(Object.keys(config.Volumes).map((path) => destinationOf(path, path, 'volume')))]
    .filter((path) => !taken.has(path))
    .map((Destination) => anonymous({ Type: 'volume', Source: '', Destination, RW: true, Options: [] }));
  return [...asked, ...more];
}

/** --pid container:NAME: by id, since names change. */
function withOwner<T extends Pick<HostConfig, 'PidMode'>>(engine: Engine, asked: T): T {
  const { PidMode } = asked;
  if (!PidMode.startsWith('container:')) return asked;
  return { ...asked, PidMode: `container:${requireContainer(engine, PidMode.slice('container:'.length)).record.id}` };
}

function recordOf(engine: Engine, asked: Asked, id: string, name: string): ContainerRecord {
  const { values } = asked;
  // Reports wrong flags before a pull, which takes long.
  const fromHost = withProfile(engine, hostConfig(values));
  refuseMoreCpus(engine, fromHost);
  refuseMissingSets(engine, fromHost);
  const PortBindings = parsePorts(givenList(values, 'publish'));
  const network = chooseNetworks(engine, {
    networks: givenList(values, 'network'),
    aliases: givenList(values, 'network-alias'),
    address: given(values, 'ip') ?? '',
    mac: given(values, 'mac-address') ?? '',
  });
  const image = imageOf(engine, asked);
  const config = containerConfig(engine, asked, image, id);
  const published = Object.fromEntries(Object.keys(PortBindings).map((port) => [port, {}]));
  const words = [...(config.Entrypoint ?? []), ...config.Cmd];
  return {
    version: 1,
    id,
    name,
    created: new Date(engine.host.now()).toISOString(),
    image: image.id,
    path: words[0]!,
    args: words.slice(1),
    config: { ...config, ExposedPorts: { ...config.ExposedPorts, ...published } },
    hostConfig: { ...withOwner(engine, fromHost), NetworkMode: network.NetworkMode, PortBindings },
    mounts: mountsOf(engine, asked, config),
    networks: network.networks,
  };
}

export function assertName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return;
  throw engineError(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, 'Choose another --name');
}

/** link(2); false if the name exists. */
function linked({ host }: Engine, from: string, to: string): boolean {
  try {
    host.link(from, to);
    return true;
  } catch (caught) {
    if (isHostFailure(caught) && caught.errno === EEXIST) return false;
    throw caught;
  }
}

/** Takes the name; false if another container has it. A name whose container a crash has lost is free. */
export function takeName(engine: Engine, name: string, id: string): boolean {
  const { host, paths } = engine;
  const path = `${paths.names}/${name}`;
  // A name that others can see always has content.
  const own = `${containerDirectory(engine, id)}/name`;
  host.mkdir(paths.names, 0o700, true);
  try {
    if (host.lstat(own) !== null) host.unlink(own);
    host.writeNew(own, `${JSON.stringify({ id })}\n`, 0o600);
    for (;;) {
      if (linked(engine, own, path)) return true;
      const owner = nameOwner(engine, name);
      if (owner !== null && host.lstat(containerDirectory(engine, owner)) !== null) return false;
      freeName(engine, name, owner);
    }
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot reserve a name', caught);
  } finally {
    if (host.lstat(own) !== null) host.unlink(own);
  }
}

export function nameConflict(engine: Engine, name: string): PockerError {
  return engineError(
    `Conflict. The container name "/${name}" is already in use by container "${nameOwner(engine, name) ?? ''}". ` +
      'You have to remove (or rename) that container to be able to reuse that name.',
    `Remove it: pocker rm -f ${name}`,
  );
}

function reserveName(engine: Engine, wanted: string | undefined, id: string): string {
  if (wanted !== undefined) {
    if (takeName(engine, wanted, id)) return wanted;
    throw nameConflict(engine, wanted);
  }
  for (let attempt = 0; ; ++attempt) {
    const name = randomName(engine, attempt);
    if (takeName(engine, name, id)) return name;
  }
}

export function createContainer(engine: Engine, asked: Asked): ContainerRecord {
  const wanted = given(asked.values, 'name');
  if (wanted !== undefined) assertName(wanted);
  const id = randomId(engine);
  const record = recordOf(engine, asked, id, wanted ?? '');
  return changing(engine, id, () => {
    engine.host.mkdir(containerDirectory(engine, id), 0o700, true);
    let name: string | undefined;
    try {
      name = reserveName(engine, wanted, id);
      const named = { ...record, name };
      writeRecord(engine, named);
      writeState(engine, id, firstState);
      emit(engine, { Type: 'container', Action: 'create', id, attributes: attributesOf(named) });
      return named;
    } catch (caught) {
      if (name !== undefined) freeName(engine, name, id);
      engine.host.removeDirectory(containerDirectory(engine, id));
      throw caught;
    }
  });
}
