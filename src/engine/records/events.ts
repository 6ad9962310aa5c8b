// Events: one line of JSON each, in docker's shape, in one file below the root directory; `pocker events` reads it.
import { fromHost } from '../../errors.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { withLock } from '../store/json-files.js';

export interface EventDetails {
  readonly Type: 'container' | 'image' | 'volume' | 'network';
  /** "create", "start", "die", "destroy", "pull", "connect", … */
  readonly Action: string;
  /** A container's id; an image's "sha256:…" or name; a volume's name. */
  readonly id: string;
  /** For a container: its labels, image, name; for die also exitCode and execDuration. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Beyond this, the file is renamed to events.log.1. */
const limit = 8 * 1024 * 1024;

export const olderEvents = (path: string): string => `${path}.1`;

/** docker's line. A double cannot hold nanoseconds exactly, so they are written as text. */
export function eventLine({ Type, Action, id, attributes = {} }: EventDetails, microseconds: number): string {
  const old = Type === 'container' || Type === 'image' ? { status: Action, id } : {};
  const from = Type === 'container' ? { from: attributes['image'] ?? '' } : {};
  const sorted = Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  const actor = { ID: id, Attributes: sorted };
  const time = Math.floor(microseconds / 1e6);
  const fields = JSON.stringify({ ...old, ...from, Type, Action, Actor: actor, scope: 'local', time });
  return `${fields.slice(0, -1)},"timeNano":${microseconds}000}\n`;
}

/** Records that something has happened. A command that has done its work does not fail because of this. */
export function emit(engine: Engine, details: EventDetails): void {
  const { host, log, paths } = engine;
  try {
    const line = eventLine(details, host.clock());
    const status = host.lstat(paths.events);
    if (status === null) host.mkdir(paths.root, 0o700, true);
    else if (status.type !== 'file') throw engineError(`no event was written: ${paths.events} is not a regular file`);
    else if (status.size > limit) rotate(engine);
    host.append(paths.events, line);
  } catch (caught) {
    log.warn(fromHost('E_ENGINE', 'no event was written', caught).message);
  }
}

/** If several commands notice that the file is too long, the first renames it. */
function rotate(engine: Engine): void {
  const { host, paths } = engine;
  withLock(engine, paths.root, () => {
    const status = host.lstat(paths.events);
    if (status !== null && status.size > limit) host.rename(paths.events, olderEvents(paths.events));
  });
}
