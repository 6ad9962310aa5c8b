// Finishes or undoes what killed commands left, and updates records after a reboot.
import { identify, killProcess } from '../../container/process.js';
import type { ProcessIdentity } from '../../container/record.js';
import { Store } from '../../container/store.js';
import { isHostFailure } from '../../errors.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { DamagedRecord, namesIn, NewerRecord } from '../store/json-files.js';
import { removeRootfs, unmountRootfs } from '../layers/rootfs.js';
import { repairNetworks } from '../networks/container-network.js';
import { bootMarker, entries, forget, type Entry } from '../records/journal.js';
import { deleteFromRuntime, release } from './bundle/prepare.js';
import { freeName, removeStored } from './ending/removal.js';
import { wantsRestart } from './ending/restart-policy.js';
import { cleanUpIfEnded } from './ending/cleanup.js';
import { startContainer } from './starting/start.js';
import {
  allContainers,
  bundleDirectory,
  containerDirectory,
  damagedContainers,
  fullId,
  lockContainer,
  nameOwner,
  readContainer,
  runs,
  writeState,
  type StoredContainer,
} from '../records/container-store.js';
import { clearStaging } from '../store/staging.js';

/** Left by an unfinished create; its caller never got an id. */
function removeHalfMade(engine: Engine, id: string): void {
  const { host } = engine;
  unmountRootfs(engine, id);
  // A symlink in the place of its directory may lead to what another container has written.
  if (host.lstat(containerDirectory(engine, id))?.type === 'directory') removeRootfs(engine, id);
  for (const name of namesIn(engine, engine.paths.names)) freeName(engine, name, id);
  host.removeDirectory(bundleDirectory(engine, id));
  host.removeDirectory(containerDirectory(engine, id));
}

/** For `rm -f` of a container with an unreadable record: everything with its id goes. Volumes stay. */
export function removeDamaged(engine: Engine, id: string): void {
  const { host } = engine;
  // Anything but a directory has no lock.
  const hasLock = host.lstat(containerDirectory(engine, id))?.type === 'directory';
  const fd = hasLock ? lockContainer(engine, id) : -1;
  if (hasLock && fd < 0) throw engineError(`container ${id} is busy`, 'Another pocker is using it: try again');
  try {
    endCreators(engine, id);
    release(engine, id);
    removeHalfMade(engine, id);
  } finally {
    if (fd >= 0) host.close(fd);
  }
}

const commandLineLimit = 64 * 1024;

/** conmon and the runtime's create go on when the command that started them is killed. */
function creators(engine: Engine, id: string): ProcessIdentity[] {
  const { host } = engine;
  const bundle = bundleDirectory(engine, id);
  return host.readdir('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const words = host.readText(`/proc/${name}/cmdline`, commandLineLimit).split('\0');
      const at = words.indexOf(bundle);
      if (at < 1 || !['-b', '--bundle'].includes(words[at - 1]!)) return [];
      return identify(host, Number(name)) ?? [];
    } catch (caught) {
      // Many end meanwhile.
      if (isHostFailure(caught)) return [];
      throw caught;
    }
  });
}

/** conmon may just be starting the runtime. */
function endCreators(engine: Engine, id: string): void {
  for (let found = creators(engine, id); found.length > 0; found = creators(engine, id))
    for (const one of found) killProcess(engine.host, one);
}

/** Undoes a start that was killed half-way; if it had finished, the container runs. */
function undoStart(engine: Engine, { record, state }: StoredContainer): void {
  const { host, paths } = engine;
  if (runs(engine, state)) return;
  const inRuntime = host.lstat(new Store(host, paths.runtime).directory(record.id)) !== null;
  if (!inRuntime && host.lstat(bundleDirectory(engine, record.id)) === null) return;
  endCreators(engine, record.id);
  release(engine, record.id);
  host.removeDirectory(bundleDirectory(engine, record.id));
}

/** A created process waiting at its gate looks like a running one. */
function isStillAtGate({ host, paths }: Engine, id: string): boolean {
  const store = new Store(host, paths.runtime);
  const directory = store.directory(id);
  if (host.lstat(`${directory}/start.sock`) === null) return false;
  const fd = host.openDirectory(directory);
  try {
    const gate = host.connect(fd, 'start.sock');
    if (gate >= 0) host.close(gate);
    return gate >= 0;
  } finally {
    host.close(fd);
  }
}

function repairLocked(engine: Engine, id: string): void {
  const container = readContainer(engine, id);
  if (container === null) return removeHalfMade(engine, id);
  if (container.state.status === 'removing') return removeStored(engine, container, { volumes: false });
  // Both names of an unfinished rename.
  for (const name of namesIn(engine, engine.paths.names)) {
    if (nameOwner(engine, name) === id && name !== container.record.name) freeName(engine, name, id);
  }
  if (container.state.status === 'restarting') writeState(engine, id, { ...container.state, status: 'exited' });
  if (container.state.status === 'running' && isStillAtGate(engine, id)) deleteFromRuntime(engine, id);
  const current = cleanUpIfEnded(engine, container);
  if (current !== null) undoStart(engine, current);
}

/** Not while another command is changing it. */
function repairContainer(engine: Engine, id: string, found: readonly Entry[]): void {
  const { host } = engine;
  const own = found.filter((entry) => entry.id === id);
  if (own.some(({ active }) => active)) return;
  if (host.lstat(containerDirectory(engine, id)) !== null) {
    const fd = lockContainer(engine, id, 0);
    if (fd < 0) return;
    try {
      repairLocked(engine, id);
    } catch (caught) {
      // Stays as it is: listings and `system repair` name it.
      if (!(caught instanceof DamagedRecord || caught instanceof NewerRecord)) throw caught;
    } finally {
      host.close(fd);
    }
  }
  for (const { name } of own) forget(engine, name);
}

/** A container's own directory is made first and removed last: without it, everything else with its id is orphaned. */
function removeOrphans(engine: Engine): void {
  const { host, paths } = engine;
  const ids = [paths.runtime, paths.bundles, paths.networkNamespaces].flatMap((directory) => namesIn(engine, directory));
  for (const id of new Set(ids.filter((name) => fullId.test(name)))) {
    if (host.lstat(containerDirectory(engine, id)) !== null) continue;
    endCreators(engine, id);
    release(engine, id);
    removeHalfMade(engine, id);
  }
}

function repairAll(engine: Engine): void {
  // Reads the directories first: whatever is made later has an entry by then.
  const ids = namesIn(engine, engine.paths.containers);
  const found = entries(engine);
  for (const id of ids) repairContainer(engine, id, found);
  removeOrphans(engine);
  // A damaged one may still be running.
  const damaged = damagedContainers(engine);
  repairNetworks(engine, (id) => {
    if (damaged.includes(id) || found.some((entry) => entry.id === id && entry.active)) return true;
    const container = readContainer(engine, id);
    return container !== null && runs(engine, container.state);
  });
}

/** What every command does first. */
export function repair(engine: Engine): void {
  const { host, paths } = engine;
  if (host.lstat(bootMarker(engine)) === null) {
    repairAll(engine);
    clearStaging(engine);
    host.mkdir(paths.run, 0o711, true);
    host.append(bootMarker(engine), '');
  }
  const found = entries(engine);
  for (const { id } of found) repairContainer(engine, id, found);
}

/** `system repair`: checks every container, and starts those whose restart policy asks for it, as after a reboot. */
export function repairEverything(engine: Engine): number {
  repairAll(engine);
  const down = allContainers(engine).filter(({ record, state }) => {
    const { Name } = record.hostConfig.RestartPolicy;
    return (Name === 'always' || (Name === 'unless-stopped' && !state.stopRequested)) && wantsRestart(record, state);
  });
  for (const { record } of down) startContainer(engine, record.id, { attach: false, again: true });
  return down.length;
}
