// A case: one config or a few command lines that every runtime gets.
import type { Config } from '../harness/config.js';
import { type Outcome, listing, Site } from './site.js';
import type { Peer } from './runtimes.js';

export interface PeerCase {
  /** "subject/what": differences.ts refers to cases by patterns of this. */
  readonly name: string;
  /** Changes the minimal config, and the bundle's files. */
  readonly prepare?: (config: Config, site: Site) => void;
  /** The text of config.json, if it is not the JSON of a config. */
  readonly text?: (config: Config) => string;
  /** Must not run next to others, whose mounts it would keep or remove. */
  readonly alone?: boolean;
  /** The actions; by default `run`. */
  readonly act?: (site: Site) => Promise<unknown>;
}

export type Table = readonly PeerCase[];

/** All facts of one case with one runtime. */
export async function observe(one: PeerCase, peer: Peer, base: string, id: string): Promise<Outcome> {
  const site = new Site(peer, base, id);
  one.prepare?.(site.config, site);
  site.writeConfig(one.text?.(site.config));
  const before = new Set(listing(site.rootfs));
  try {
    await (one.act ?? ((place: Site) => place.run()))(site);
  } catch (error) {
    // The runtime did not do what the case relies on. Another fact says so, or the other runtime's differs.
    site.facts.set('exit case', String(error));
  }
  return await site.close(before);
}

/** Sets a field by its path, "linux.resources.memory.limit"; "[0]" is 0. Missing parts of the path become objects. */
export function set(config: Config, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  let place = config as unknown as Record<string, unknown>;
  for (const key of keys) place = (place[key] ??= {}) as Record<string, unknown>;
  place[last] = value;
}

/** Fields by their paths, or a function that changes the config and the bundle's files. */
export type Change = Readonly<Record<string, unknown>> | ((config: Config, site: Site) => void);

export function apply(change: Change, config: Config, site: Site): void {
  if (typeof change === 'function') change(config, site);
  else for (const [path, value] of Object.entries(change)) set(config, path, value);
}

/** A case for each change, by its name. */
export function casesOf(subject: string, changes: Readonly<Record<string, Change>>): Table {
  return Object.entries(changes).map(([name, change]) => ({
    name: `${subject}/${name}`,
    prepare: (config, site) => apply(change, config, site),
  }));
}

/** The same in a user namespace. */
export function inUserNamespace(table: Table): Table {
  return table.map((one) => ({
    ...one,
    name: `${one.name} in a user namespace`,
    prepare: (config, site) => {
      one.prepare?.(config, site);
      userNamespace(config, site);
    },
  }));
}

/** Five namespaces and a user namespace whose 0 is 100000 outside; the root filesystem belongs to that id. */
export function userNamespace(config: Config, site: Site): void {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  site.own(100_000);
}
