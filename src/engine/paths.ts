// Where the engine keeps what. Everything is made when first needed.
import type { Host } from '../host/host.js';

export interface Paths {
  /** What survives a reboot. */
  readonly root: string;
  /** What a reboot clears: sockets, mounts' bookkeeping, the runtime's state. */
  readonly run: string;
  /** An OCI image layout, and the names of its images. */
  readonly images: string;
  /** Unpacked layers, by chain id. */
  readonly layers: string;
  /** One directory per container: its record, its state, its log, and the upper directory of its root filesystem. */
  readonly containers: string;
  /** One file per container name, with its id: made exclusively, so that a name is used once. */
  readonly names: string;
  readonly volumes: string;
  readonly networks: string;
  /** Root of the runtime's state directories (pocker-runc --root). */
  readonly runtime: string;
  /** One directory per container started since the reboot: its bundle, sockets, exit file. */
  readonly bundles: string;
  /** One bind-mounted network namespace per container that has its own. */
  readonly networkNamespaces: string;
  /** Events as lines of JSON. */
  readonly events: string;
}

export interface PathOptions {
  readonly root?: string | undefined;
  readonly run?: string | undefined;
}

function defaults(host: Host, rootless: boolean): { readonly root: string; readonly run: string } {
  if (!rootless) return { root: '/var/lib/pocker', run: '/run/pocker' };
  const home = host.env('HOME') ?? '/';
  const data = host.env('XDG_DATA_HOME') ?? `${home}/.local/share`;
  return { root: `${data}/pocker`, run: `${host.env('XDG_RUNTIME_DIR') ?? `${home}/.local/run`}/pocker` };
}

export function enginePaths(host: Host, rootless: boolean, options: PathOptions): Paths {
  const usual = defaults(host, rootless);
  // conmon and what it calls work in separate directories.
  const chosen = (said = '', otherwise: string): string =>
    said === '' ? otherwise : said.startsWith('/') ? said : `${host.cwd()}/${said}`;
  const root = chosen(options.root, usual.root);
  const run = chosen(options.run, usual.run);
  return {
    root,
    run,
    images: `${root}/images`,
    layers: `${root}/layers`,
    containers: `${root}/containers`,
    names: `${root}/names`,
    volumes: `${root}/volumes`,
    networks: `${root}/networks`,
    runtime: `${run}/runtime`,
    bundles: `${run}/containers`,
    networkNamespaces: `${run}/netns`,
    events: `${root}/events.log`,
  };
}
