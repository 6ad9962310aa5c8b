// What every part of the engine gets: the host, where things are, and where warnings go.
import type { Host } from '../host/host.js';
import type { Log } from '../log.js';
import type { Paths } from './paths.js';

export interface Engine {
  readonly host: Host;
  readonly log: Log;
  readonly paths: Paths;
  /** An ordinary user started it: it runs as root of a user namespace of its own (rootless.ts). */
  readonly rootless: boolean;
}
