// What every part of the engine gets: the host, its directories, and where warnings go.
import type { Host } from '../host/host.js';
import type { Log } from '../log.js';
import type { Paths } from './paths.js';

export interface Engine {
  readonly host: Host;
  readonly log: Log;
  readonly paths: Paths;
  /** Started by an ordinary user: runs as root of that user's own namespace (rootless.ts). */
  readonly rootless: boolean;
}
