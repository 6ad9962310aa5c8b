// The place where one engine runs with one runtime: a directory for all of its state, its daemons, the calls of its client.
// Everything that belongs to it contains its name somewhere (path, cgroup, argument), so that leftovers can be found.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hierarchies } from '../../harness/machine/cgroup.js';
import { command, type CommandOptions, type CommandResult, patience } from '../../harness/command.js';
import { removeLeftovers } from '../../harness/machine/leftovers.js';
import { Caches } from './caches.js';
import { removeStates, Watch } from './watch.js';

/** A runtime for an engine to use. */
export interface Candidate {
  /** "runc", "pocker-runc": its name in reports. */
  readonly label: string;
  readonly path: string;
}

export interface DaemonOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Called until it is true. */
  readonly ready: () => Promise<boolean>;
}

/** What an engine leaves with any runtime: mounts below the site, cgroups below the site's. */
export interface Remains {
  readonly mounts?: readonly string[];
  readonly cgroups?: readonly string[];
}

const startTimeout = 60_000;
const stopTimeout = 20_000;
const commandTimeout = 60_000;

export class Site {
  readonly name: string;
  readonly directory: string;
  readonly runtime: Candidate;
  readonly #watch = new Watch();
  readonly #caches = new Caches();
  readonly #daemons = new Set<Daemon>();
  #commands = 0;

  constructor(engine: string, runtime: Candidate) {
    this.directory = mkdtempSync(join(tmpdir(), `pkr-${engine}-${randomBytes(3).toString('hex')}-`));
    this.name = basename(this.directory);
    this.runtime = runtime;
    chmodSync(this.directory, 0o755);
    mkdirSync(this.path('log'));
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Runs a program to its end, with a deadline. */
  command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const output = this.path('log', String(this.#commands++));
    return command({ path: program, args, output }, { timeout: commandTimeout, ...options });
  }

  /** Calls `action` with the pid of a running program, and waits for the program's end. */
  async meanwhile(program: string, args: readonly string[], action: (pid: number) => Promise<void>): Promise<CommandResult> {
    let started: (pid: number) => void = () => undefined;
    const pid = new Promise<number>((done) => (started = done));
    const [result] = await Promise.all([this.command(program, args, { onSpawn: started }), pid.then(action)]);
    return result;
  }

  /** Starts a program that stays, and waits until it is ready. */
  async daemon(program: string, args: readonly string[], options: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(program, args, { log: this.path('log', basename(program)), env: options.env });
    this.#daemons.add(daemon);
    const deadline = performance.now() + startTimeout * patience;
    while (!(await options.ready())) {
      if (!daemon.alive) throw new Error(`${program} ended at once:\n${daemon.lastWords()}`);
      if (performance.now() > deadline)
        throw new Error(`${program} is not ready after ${startTimeout} ms:\n${daemon.lastWords()}`);
      await sleep(50);
    }
    return daemon;
  }

  /** Ends the daemons, last started first. */
  async stopDaemons(): Promise<void> {
    for (const daemon of [...this.#daemons].reverse()) await daemon.stop();
    this.#daemons.clear();
  }

  /** The cgroup for an engine's containers is the engine's, not the runtime's. It cannot be removed while another is in it. */
  #removeCgroups(names: readonly string[]): void {
    for (const path of hierarchies.flatMap((one) => names.map((name) => join(one.path, this.name, name)))) {
      try {
        rmdirSync(path);
      } catch {
        // Missing or not empty: the latter is reported.
      }
    }
  }

  /** Ends the daemons, removes everything, and returns what was left on the machine after they had ended. */
  async close({ mounts = [], cgroups = [] }: Remains = {}, settle = 3000): Promise<string[]> {
    await this.stopDaemons();
    for (const path of mounts) spawnSync('umount', [this.path(path)], { stdio: 'ignore' });
    this.#removeCgroups([...cgroups, '']);
    const left = await this.#watch.settled(this.name, settle);
    await removeLeftovers(this.name);
    removeStates(this.name);
    this.#caches.putAway();
    rmSync(this.directory, { recursive: true, force: true });
    return left;
  }
}

export class Daemon {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #end: Promise<void>;
  alive = true;

  constructor(program: string, args: readonly string[], { log, env }: { log: string; env: NodeJS.ProcessEnv | undefined }) {
    this.#log = `${log}.log`;
    const fd = openSync(this.#log, 'a');
    // It ends with us, however we end.
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
      stdio: ['ignore', fd, fd],
      env: { ...process.env, NODE_OPTIONS: undefined, ...env },
    });
    closeSync(fd);
    this.#end = new Promise((done) => {
      const ended = (): void => {
        this.alive = false;
        done();
      };
      this.#child.once('exit', ended);
      this.#child.once('error', ended);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Without a chance to clean up. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#end;
  }

  async stop(): Promise<void> {
    if (!this.alive) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeout * patience);
    await this.#end;
    clearTimeout(timer);
  }

  lastWords(): string {
    return readFileSync(this.#log, 'utf8').trim().split('\n').slice(-15).join('\n');
  }
}
