// The distribution's podman, as root and as an ordinary user.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import type { CommandOptions, CommandResult } from '../../harness/command.js';
import { type Package, Session, type Setup } from '../harness/engine.js';
import { imageName, rootfsTar } from '../harness/image.js';
import { missing, mustBeInstalled } from '../harness/programs.js';
import { settingsFor } from '../harness/settings.js';
import type { Site } from '../harness/site.js';
import { quoted } from '../harness/terminal.js';

/** An ordinary user created for the script, with the subordinate ids that useradd assigns. */
interface User {
  readonly name: string;
  readonly uid: number;
}

export class Podman extends Session {
  readonly #user: User | undefined;

  constructor(site: Site, user?: User) {
    super(site);
    this.#user = user;
  }

  get #environment(): string[] {
    const session = this.#user === undefined ? [] : [`XDG_RUNTIME_DIR=${this.site.path('run')}`];
    const configuration = `CONTAINERS_CONF=${this.site.path('containers.conf')}`;
    return ['PATH=/usr/bin:/bin:/usr/sbin:/sbin', `HOME=${this.site.path('home')}`, configuration, ...session];
  }

  #words(args: readonly string[]): string[] {
    const identity =
      this.#user === undefined ? [] : ['--reuid', String(this.#user.uid), '--regid', String(this.#user.uid), '--clear-groups'];
    const store = ['--root', this.site.path('root'), '--runroot', this.site.path('runroot'), '--storage-driver', 'vfs'];
    const program = [mustBeInstalled('podman'), '--cgroup-manager', 'cgroupfs', ...store];
    return ['setpriv', ...identity, 'env', '-i', '-C', this.site.path('home'), ...this.#environment, ...program, ...args];
  }

  client(args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    const [program, ...words] = this.#words(args);
    return this.site.command(program!, words, options);
  }

  terminal(args: readonly string[]): Promise<CommandResult> {
    return this.site.command('script', ['-qec', quoted(this.#words(args)), '/dev/null']);
  }

  /** The cgroup that contains this script's containers; an ordinary user has none on cgroup v1. */
  get parent(): string[] {
    return this.#user === undefined ? ['--cgroup-parent', `/${this.site.name}`] : [];
  }

  run(flags: readonly string[], program: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    const parent = flags.includes('--cgroups') ? [] : this.parent;
    return this.client(['run', '--rm', '--network', 'none', ...parent, ...flags, imageName, ...program], options);
  }

  detached(name: string, flags: readonly string[], ...program: string[]): Promise<string> {
    return this.ok('run', '-d', '--name', name, '--network', 'none', ...this.parent, ...flags, imageName, ...program);
  }

  async close(): Promise<void> {
    await this.ok('pod', 'rm', '--all', '--force', '--time', '0');
    await this.ok('rm', '--all', '--force', '--time', '0');
    if (this.#user === undefined) return;
    // It ends the process that holds the user's namespaces.
    await this.ok('system', 'migrate');
    const result = await this.site.command('userdel', ['-f', this.#user.name]);
    if (result.code !== 0) throw new Error(`userdel: ${result.stderr}`);
  }
}

function makeUser(site: Site): User {
  const name = `pkr-${randomBytes(4).toString('hex')}`;
  const made = spawnSync('useradd', ['--no-create-home', '--home-dir', site.path('home'), name], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`useradd: ${made.stderr}`);
  return { name, uid: Number(spawnSync('id', ['-u', name], { encoding: 'utf8' }).stdout) };
}

/** In addition to the document's settings: nothing outside the site, and no limits that this machine may not raise. */
function configuration(site: Site, runtime: string): string {
  const own = [
    'lock_type = "file"',
    'events_logger = "file"',
    `tmp_dir = "${site.path('tmp')}"`,
    `volume_path = "${site.path('volumes')}"`,
  ];
  const containers = '\n[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n';
  const documented = settingsFor(runtime, 'Podman', '/etc/containers/containers.conf');
  return documented.replace('[engine]\n', `[engine]\n${own.join('\n')}\n`) + containers;
}

const directories = ['home', 'run', 'root', 'runroot', 'tmp', 'volumes', 'bin'];

/** The runtime in a place that every user can reach. */
function reachable(site: Site): string {
  const copy = site.path('bin', site.runtime.label);
  copyFileSync(site.runtime.path, copy);
  chmodSync(copy, 0o755);
  return copy;
}

async function open(site: Site, user?: User): Promise<Podman> {
  for (const directory of directories) {
    mkdirSync(site.path(directory));
    if (user !== undefined) chownSync(site.path(directory), user.uid, user.uid);
  }
  writeFileSync(site.path('containers.conf'), configuration(site, reachable(site)));
  const podman = new Podman(site, user);
  await podman.ok('import', await rootfsTar(site), imageName);
  return podman;
}

const packages: readonly Package[] = [
  { name: 'podman', programs: ['podman', 'conmon'] },
  { name: 'uidmap', programs: ['newuidmap'] },
];

interface PodmanSetup {
  readonly name: string;
  /** Root by default. */
  readonly open?: (site: Site) => Promise<Podman>;
  /** In addition to podman. */
  readonly packages?: readonly Package[];
  readonly lacks?: () => string | undefined;
}

export function podmanSetup({ name, lacks, ...setup }: PodmanSetup): Setup<Podman> {
  return {
    name,
    packages: [...packages, ...(setup.packages ?? [])],
    tools: [],
    lacks: () => missing(['podman', 'conmon', 'newuidmap', 'useradd', 'setpriv', 'script']) ?? lacks?.(),
    open: setup.open ?? open,
    ofDaemon: { mounts: ['root/vfs', 'root'], cgroups: ['conmon'] },
  };
}

export const podman = podmanSetup({ name: 'podman' });
export const rootless = podmanSetup({ name: 'podman-rootless', open: (site) => open(site, makeUser(site)) });
