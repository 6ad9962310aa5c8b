// The distribution's dockerd with its containerd (1.x), driven by `docker`.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { CommandOptions, CommandResult } from '../../harness/command.js';
import { type Setup, Session } from '../harness/engine.js';
import { imageName, rootfsTar } from '../harness/image.js';
import { missing, mustBeInstalled } from '../harness/programs.js';
import { settingsFor } from '../harness/settings.js';
import type { Daemon, Site } from '../harness/site.js';
import { quoted } from '../harness/terminal.js';

export class Docker extends Session {
  readonly #program = mustBeInstalled('docker');
  #daemon: Daemon | undefined;

  client(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.site.command(this.#program, this.#args(args), options);
  }

  #args(args: readonly string[]): string[] {
    return ['--config', this.site.path('client'), '--host', `unix://${this.site.path('docker.sock')}`, ...args];
  }

  /** `docker run --rm` in the foreground. */
  run(flags: readonly string[], program: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.client(['run', '--rm', ...flags, imageName, ...program], options);
  }

  /** A call from a terminal. */
  terminal(args: readonly string[]): Promise<CommandResult> {
    return this.site.command('script', ['-qec', quoted([this.#program, ...this.#args(args)]), '/dev/null']);
  }

  /** A call during which something is done with its pid. */
  meanwhile(args: readonly string[], action: (pid: number) => Promise<void>): Promise<CommandResult> {
    return this.site.meanwhile(this.#program, this.#args(args), action);
  }

  /** A container that continues in the background; returns its id. */
  detached(name: string, flags: readonly string[], ...program: string[]): Promise<string> {
    return this.ok('run', '-d', '--name', name, ...flags, imageName, ...program);
  }

  inspect(name: string, template: string): Promise<string> {
    return this.ok('inspect', '--format', template, name);
  }

  async up(): Promise<void> {
    const args = ['--config-file', this.site.path('daemon.json')];
    this.#daemon = await this.site.daemon(mustBeInstalled('dockerd'), args, {
      ready: async () => (await this.client(['version'])).code === 0,
    });
  }

  /** kill -9, then started again. */
  async crash(): Promise<void> {
    await this.#daemon?.kill();
    await this.up();
  }

  async close(): Promise<void> {
    const ids = await this.ok('ps', '-aq');
    if (ids !== '') await this.ok('rm', '-f', ...ids.split('\n'));
  }
}

/** As in the distribution: a separate daemon. */
async function startContainerd(site: Site): Promise<void> {
  const socket = site.path('containerd.sock');
  writeFileSync(site.path('containerd.toml'), 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
  const directories = ['--root', site.path('containerd'), '--state', site.path('containerd-state')];
  await site.daemon(
    mustBeInstalled('containerd'),
    ['--config', site.path('containerd.toml'), '--address', socket, ...directories],
    {
      ready: async () => (await site.command(mustBeInstalled('ctr'), ['--address', socket, 'version'])).code === 0,
    },
  );
}

async function open(site: Site): Promise<Docker> {
  const documented = JSON.parse(settingsFor(site.runtime.path, 'Docker', '/etc/docker/daemon.json')) as object;
  const own = {
    'cgroup-parent': `/${site.name}`,
    containerd: site.path('containerd.sock'),
    'data-root': site.path('data'),
    'exec-root': site.path('exec'),
    hosts: [`unix://${site.path('docker.sock')}`],
    pidfile: site.path('docker.pid'),
    'live-restore': true,
    // The machine's network is not touched.
    bridge: 'none',
    'ip-forward': false,
    'ip-masq': false,
    iptables: false,
    'storage-driver': 'vfs',
  };
  mkdirSync(site.path('client'));
  writeFileSync(site.path('daemon.json'), JSON.stringify({ ...documented, ...own }));
  const tar = await rootfsTar(site);
  await startContainerd(site);
  const docker = new Docker(site);
  await docker.up();
  await docker.ok('import', tar, imageName);
  return docker;
}

export const docker: Setup<Docker> = {
  name: 'docker',
  packages: [
    { name: 'docker.io', programs: ['dockerd'] },
    { name: 'tini', programs: ['docker-init'] },
  ],
  tools: [],
  lacks: () => missing(['dockerd', 'docker', 'containerd', 'setpriv', 'script']),
  open,
  ofDaemon: { mounts: ['data', 'exec/netns/default'] },
};
