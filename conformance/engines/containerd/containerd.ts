// containerd with `ctr`: 2.x built from go.mod, and the distribution's 1.x, with the same script.
import { writeFileSync } from 'node:fs';
import type { CommandOptions, CommandResult } from '../../harness/command.js';
import { type Package, Session, type Setup } from '../harness/engine.js';
import { imageName, imageTar } from '../harness/image.js';
import { installed, missing, tool } from '../harness/programs.js';
import type { Daemon, Site } from '../harness/site.js';
import { quoted } from '../harness/terminal.js';

/** Where the programs of one containerd are. */
interface Programs {
  readonly containerd: string;
  readonly ctr: string;
  readonly shim: string;
}

/** The running daemon, for every client. */
export class Containerd {
  readonly site: Site;
  readonly socket: string;
  readonly #programs: Programs;
  #daemon: Daemon | undefined;

  constructor(site: Site, programs: Programs) {
    this.site = site;
    this.socket = site.path('containerd.sock');
    this.#programs = programs;
  }

  async up(config: string): Promise<void> {
    const file = this.site.path('containerd.toml');
    writeFileSync(file, config);
    const directories = ['--root', this.site.path('root'), '--state', this.site.path('state')];
    this.#daemon = await this.site.daemon(
      this.#programs.containerd,
      ['--config', file, '--address', this.socket, ...directories],
      {
        // The daemon looks for its shim in $PATH.
        env: { PATH: `${this.#programs.shim.replace(/\/[^/]*$/, '')}:${process.env['PATH'] ?? ''}` },
        ready: async () => (await this.ctr(['version'])).code === 0,
      },
    );
  }

  async kill(): Promise<void> {
    await this.#daemon?.kill();
  }

  words(args: readonly string[], namespace = this.site.name): string[] {
    return [this.#programs.ctr, '--address', this.socket, '--namespace', namespace, ...args];
  }

  ctr(args: readonly string[], options: CommandOptions = {}, namespace?: string): Promise<CommandResult> {
    const [program, ...words] = this.words(args, namespace);
    return this.site.command(program!, words, options);
  }

  async importImage(namespace?: string): Promise<void> {
    const tar = await imageTar(this.site);
    const args = ['images', 'import', '--base-name', imageName.replace(/:.*/, ''), '--no-unpack', tar];
    const result = await this.ctr(args, {}, namespace);
    if (result.code !== 0) throw new Error(`ctr images import: ${result.stderr}`);
  }
}

/** Disables parts that are not needed. */
const config = (version: number): string => `version = ${version}\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n`;

export class Ctr extends Session {
  readonly containerd: Containerd;
  readonly #config: string;

  constructor(containerd: Containerd, text: string) {
    super(containerd.site);
    this.containerd = containerd;
    this.#config = text;
  }

  client(args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return this.containerd.ctr(args, options);
  }

  /** Makes a `ctr run` use the runtime. */
  get runtimeFlags(): string[] {
    return ['--runc-binary', this.site.runtime.path, '--runc-root', this.site.path('runtime'), '--snapshotter', 'native'];
  }

  /** Where ctr makes FIFOs, which it leaves behind if it does not stay itself. */
  get fifoFlags(): string[] {
    return ['--fifo-dir', this.site.path('fifo')];
  }

  /** `ctr run --rm`, in the foreground. */
  run(id: string, flags: readonly string[], program: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    const words = ['run', '--rm', ...this.runtimeFlags, ...this.fifoFlags, ...flags];
    return this.client([...words, imageName, id, ...program], options);
  }

  /** A container that continues in the background. */
  detached(id: string, flags: readonly string[], ...program: string[]): Promise<string> {
    return this.ok('run', '-d', ...this.runtimeFlags, ...this.fifoFlags, ...flags, imageName, id, ...program);
  }

  terminal(args: readonly string[]): Promise<CommandResult> {
    return this.site.command('script', ['-qec', quoted(this.containerd.words(args)), '/dev/null']);
  }

  async crash(): Promise<void> {
    await this.containerd.kill();
    await this.containerd.up(this.#config);
  }

  async close(): Promise<void> {
    for (const id of (await this.ok('containers', 'ls', '-q')).split('\n').filter(Boolean)) {
      await this.client(['tasks', 'delete', '-f', id]);
      await this.ok('containers', 'rm', id);
    }
  }
}

export function ctr(version: number, programs: () => Programs): (site: Site) => Promise<Ctr> {
  return async (site) => {
    const containerd = new Containerd(site, programs());
    await containerd.up(config(version));
    await containerd.importImage();
    return new Ctr(containerd, config(version));
  };
}

export const umoci: Package = { name: 'umoci', programs: ['umoci'] };

export const builtPrograms = (): Programs => ({
  containerd: tool('containerd'),
  ctr: tool('ctr'),
  shim: tool('containerd-shim-runc-v2'),
});

const distributionPrograms = (): Programs => ({
  containerd: installed('containerd') ?? '',
  ctr: installed('ctr') ?? '',
  shim: installed('containerd-shim-runc-v2') ?? '',
});

export const builtNames = ['containerd', 'ctr', 'containerd-shim-runc-v2'];
export const builtTools = builtNames.map((name) => `github.com/containerd/containerd/v2/cmd/${name}`);

export const containerd: Setup<Ctr> = {
  name: 'containerd',
  packages: [umoci],
  tools: builtTools,
  lacks: () => missing(['umoci', 'setpriv', 'script'], builtNames),
  open: ctr(3, builtPrograms),
};

export const containerd1: Setup<Ctr> = {
  name: 'containerd-1',
  packages: [umoci, { name: 'containerd', files: ['/usr/bin/containerd'] }],
  tools: [],
  lacks: () => missing(['umoci', 'setpriv', 'script', ...builtNames]),
  open: ctr(2, distributionPrograms),
};
