// One case with one runtime: a bundle on a tmpfs, the runtime's commands, and the resulting facts.
import {
  chmodSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, type CommandOptions, type CommandResult, patience } from '../harness/command.js';
import { type Config, minimal, shell, toJson } from '../harness/config.js';
import { removeLeftovers, settledLeftovers } from '../harness/machine/leftovers.js';
import { type Facts, type Names, normalise, normaliseAll } from './facts.js';
import { probe, readProbe } from './probe.js';
import type { Peer } from './runtimes.js';

/** What probes and hooks use; making a complete busybox would take longer than making a container. */
const applets =
  'sh cat cut echo env false grep head hostname id ls mkdir mount ps pwd readlink sleep stat sysctl sed tail touch true umount'.split(
    ' ',
  );

const usual = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_KILL', 'CAP_SETGID', 'CAP_SETUID'];

/** The caller's environment, part of which hooks see. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', CALLER: 'yes' };

const deadline = 8_000;

export interface CallOptions extends CommandOptions {
  /** The prefix of this call's facts; by default the command. */
  readonly as?: string;
  readonly globals?: readonly string[];
}

/** What one runtime did in one case. */
export interface Outcome {
  readonly facts: Facts;
  /** Standard error of each command. */
  readonly messages: string;
}

export class Site {
  readonly peer: Peer;
  readonly id: string;
  readonly directory: string;
  readonly config: Config;
  readonly facts: Facts = new Map();
  #messages = '';
  #calls = 0;
  readonly #stops: (() => unknown)[] = [];

  /** `base` is the directory of the run, and `busybox` a copy of it there. */
  constructor(peer: Peer, base: string, id: string) {
    this.peer = peer;
    this.id = id;
    this.directory = join(base, id);
    this.config = minimal(`/${id}`);
    this.config.process.args = shell(probe());
    this.config.process.capabilities = { bounding: [...usual], effective: [...usual], permitted: [...usual] };
    for (const name of [
      '',
      'log',
      'bundle',
      'bundle/rootfs',
      ...['bin', 'dev', 'proc', 'sys', 'tmp', 'etc', 'root'].map((one) => `bundle/rootfs/${one}`),
    ])
      mkdirSync(join(this.directory, name));
    chmodSync(join(this.rootfs, 'tmp'), 0o1777);
    // A runtime may give it to the container's user, as it does with terminals: so not the host's /dev/null.
    writeFileSync(join(this.directory, 'stdin'), '');
    linkSync(join(base, 'busybox'), join(this.rootfs, 'bin/busybox'));
    for (const applet of applets) symlinkSync('busybox', join(this.rootfs, 'bin', applet));
  }

  get bundle(): string {
    return join(this.directory, 'bundle');
  }

  get rootfs(): string {
    return join(this.bundle, 'rootfs');
  }

  get names(): Names {
    return { id: this.id, directory: this.directory };
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Gives the root filesystem to another owner, as an engine does for a user namespace; except busybox, which all share. */
  own(id: number): void {
    const visit = (path: string): void => {
      lchownSync(path, id, id);
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (entry.isDirectory()) visit(join(path, entry.name));
        else if (entry.name !== 'busybox') lchownSync(join(path, entry.name), id, id);
      }
    };
    visit(this.rootfs);
  }

  writeConfig(text: string = toJson(this.config)): void {
    writeFileSync(join(this.bundle, 'config.json'), text);
  }

  /** Any command line of the runtime. Its exit code is a fact, and so is whether it said why it failed. */
  async call(words: readonly string[], options: CallOptions = {}): Promise<CommandResult> {
    const output = this.path('log', String(this.#calls++));
    const args = ['--root', this.path('state'), ...(options.globals ?? []), ...words];
    const result = await command(
      { path: this.peer.path, args, output },
      { timeout: deadline, stdin: this.path('stdin'), env: environment, ...options },
    );
    const name = options.as ?? words[0] ?? '';
    this.facts.set(`exit ${name}`, result.timedOut ? 'never' : String(result.code));
    if (result.stderr !== '') this.#messages += `${name}: ${result.stderr.trimEnd()}\n`;
    return result;
  }

  /** A command for the container; the id goes between the flags and `after`. */
  verb(
    name: string,
    flags: readonly string[] = [],
    after: readonly string[] = [],
    options: CallOptions = {},
  ): Promise<CommandResult> {
    return this.call([name, ...flags, this.id, ...after], options);
  }

  /** In the foreground; the program's output becomes facts. */
  async run(flags: readonly string[] = [], options: CallOptions = {}): Promise<CommandResult> {
    const result = await this.verb('run', ['--bundle', this.bundle, ...flags], [], options);
    readProbe(result.stdout, this.facts);
    return result;
  }

  async create(flags: readonly string[] = [], options: CallOptions = {}): Promise<CommandResult> {
    return await this.verb('create', ['--bundle', this.bundle, '--pid-file', this.path('pid'), ...flags], [], options);
  }

  /** The same after a short-lived program has ended. */
  async lastStatus(): Promise<string> {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const status = await this.status();
      if (status !== 'running') return status;
      await sleep(50);
    }
    return 'running';
  }

  /** The status that `state` shows; "none" if it fails. */
  async status(): Promise<string> {
    const { stdout, code } = await this.call(['state', this.id], { as: 'state' });
    this.facts.delete('exit state');
    return code === 0 ? (JSON.parse(stdout) as { status: string }).status : 'none';
  }

  /** Waits until the container's first process, known from --pid-file, has ended. */
  async ended(milliseconds = deadline): Promise<void> {
    const pid = readFileSync(this.path('pid'), 'utf8');
    const end = performance.now() + milliseconds * patience;
    while (performance.now() < end) {
      if (isDead(pid)) return;
      await sleep(3);
    }
    this.facts.set('ended', 'never');
  }

  /** The output of a program so far: a container continues to write after `create`. */
  output(call: number): string {
    return readFileSync(this.path('log', `${call}.out`), 'utf8');
  }

  /** Called before the end, last registered first. */
  atEnd(stop: () => unknown): void {
    this.#stops.unshift(stop);
  }

  /** Deletes the container, and looks at what is left. */
  async close(before: ReadonlySet<string>): Promise<Outcome> {
    for (const stop of this.#stops) await stop();
    if (existsSync(this.path('stdin'))) await this.call(['delete', '--force', this.id], { as: 'delete at the end' });
    else this.facts.set('left', 'not even the directory of the case');
    this.facts.delete('exit delete at the end');
    const left = await settledLeftovers(this.id, this.path('state'), 300);
    if (left.length > 0) {
      this.facts.set('left', left.join('\n').replace(/^process \d+/gm, 'process'));
      await removeLeftovers(this.id);
    }
    for (const line of existsSync(this.rootfs) ? listing(this.rootfs) : []) {
      const [path = '', value] = line.split(/ (.*)/s);
      if (!before.has(line) && !path.startsWith('/tmp/')) this.facts.set(`left in rootfs ${path}`, value ?? '');
    }
    rmSync(this.directory, { recursive: true, force: true });
    const messages = normalise(this.#messages, this.names);
    return { facts: normaliseAll(this.facts, this.names), messages };
  }
}

function isDead(pid: string): boolean {
  try {
    return /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/** "/etc d755 0:0" for every file below. */
export function listing(root: string, path = ''): string[] {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const name = `${path}/${entry.name}`;
    const { mode, uid, gid } = lstatSync(join(root, name));
    const kind = entry.isDirectory() ? 'directory' : entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other';
    return [`${name} ${kind} ${(mode & 0o7777).toString(8)} ${uid}:${gid}`, ...(entry.isDirectory() ? listing(root, name) : [])];
  });
}
