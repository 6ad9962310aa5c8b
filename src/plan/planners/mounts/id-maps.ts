// Id-mapped mounts (config.md, options idmap and ridmap, uidMappings, gidMappings): which ids a mount shows.
import { refuse, unsupported, type Draft, type IdMapSource } from '../../draft.js';
import type { IdMapping } from '../../plan.js';
import type { Mount } from '../../spec-types.js';
import { MS } from '../../tables/mounts.js';
import type { MountEntry } from './mount-entry.js';

/** The slots of addon/init/context.h. */
const slots = 256;

/** Content of uid_map or gid_map (user_namespaces(7)). */
function mapText(mappings: readonly IdMapping[]): string {
  return mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');
}

/** The mount's own maps, or those of the container's user namespace. */
function findSource(draft: Draft, mount: Mount, pointer: string): IdMapSource {
  const { uidMappings = [], gidMappings = [] } = mount;
  const own = uidMappings.length > 0 || gidMappings.length > 0;
  const field = own ? `${pointer}/uidMappings` : `${pointer}/options`;
  const joined = draft.namespaces.joined('user');
  if (!own && joined !== undefined) return { path: joined.path, uidMap: '', gidMap: '', pointer: field };
  const { linux = {} } = draft.spec;
  const [uids, gids] = own ? [uidMappings, gidMappings] : [linux.uidMappings ?? [], linux.gidMappings ?? []];
  return { path: '', uidMap: mapText(uids), gidMap: mapText(gids), pointer: field };
}

/** Refuses what cannot be id-mapped, whatever the kernel says. */
function checkEntry(draft: Draft, { type, options }: MountEntry, field: string): void {
  if (options.remount) refuse(field, 'an existing mount cannot be id-mapped');
  if (type === 'cgroup') refuse(field, 'a cgroup filesystem cannot be id-mapped');
  if (!options.bind && (options.flags & (MS.I_VERSION | MS.SILENT)) !== 0)
    refuse(field, '"iversion" and "silent" require mount(2), which cannot make id-mapped mounts');
  if (draft.facts.euid !== 0) refuse(field, 'only root may id-map mounts', 'Omit the mappings, or run as root');
}

/** The slot of the mount's id maps, shared by mounts with the same maps; -1: it is not id-mapped. */
export function idMapSlot(draft: Draft, mount: Mount, entry: MountEntry): number {
  const mapped = (mount.uidMappings?.length ?? 0) > 0 || (mount.gidMappings?.length ?? 0) > 0;
  if (!mapped && entry.options.idmap === 'none') return -1;
  const source = findSource(draft, mount, entry.pointer);
  checkEntry(draft, entry, source.pointer);
  const same = ({ path, uidMap, gidMap }: IdMapSource): boolean =>
    path === source.path && uidMap === source.uidMap && gidMap === source.gidMap;
  const found = draft.idMaps.findIndex(same);
  if (found >= 0) return found;
  if (draft.idMaps.length >= slots) unsupported(source.pointer, `more than ${slots} different id maps of mounts`);
  return draft.idMaps.push(source) - 1;
}
