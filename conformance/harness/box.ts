// What each case has to itself: a temporary directory, a state directory, a cgroup name, root filesystems, containers.
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { command, type CommandOptions, type CommandResult } from './command.js';
import { type Config, minimal } from './config.js';
import { Container } from './container.js';
import { leftovers, removeLeftovers, settledLeftovers } from './machine/leftovers.js';
import { MountTable } from './machine/mount-table.js';
import { makeRootfs } from './rootfs.js';
import { runtime } from './runtime.js';

export class Box {
  /** Part of the name of every file, cgroup and container of the case. */
  readonly name: string;
  readonly directory: string;
  /** The runtime's --root. */
  readonly stateRoot: string;
  readonly containers: Container[] = [];
  readonly #mounts = new MountTable();
  readonly #stops: (() => unknown)[] = [];
  #commands = 0;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), `pkr-case-${randomBytes(3).toString('hex')}-`));
    this.name = basename(this.directory);
    this.stateRoot = join(this.directory, 'state');
    mkdirSync(join(this.directory, 'log'));
    // The mapped root of a user namespace has no rights here, but must be able to pass through.
    chmodSync(this.directory, 0o755);
    cpSync('/bin/busybox', join(this.directory, 'busybox'));
    chmodSync(join(this.directory, 'busybox'), 0o755);
  }

  /** A container with its own bundle; `change` edits the minimal config before it is written. */
  container(change: (config: Config) => void = () => undefined, place: { id?: string; bundle?: string } = {}): Container {
    const number = this.containers.length;
    const bundle = place.bundle ?? join(this.directory, `bundle${number === 0 ? '' : number}`);
    makeRootfs(join(bundle, 'rootfs'), join(this.directory, 'busybox'));
    const unique = number === 0 ? this.name : `${this.name}-${number}`;
    const config = minimal(`/${unique}`);
    change(config);
    const container = new Container(this, place.id ?? unique, bundle, config);
    this.containers.push(container);
    return container;
  }

  /** A started container that sleeps, for cases about running ones. */
  async running(change: (config: Config) => void = () => undefined): Promise<Container> {
    const container = this.container((config) => {
      config.process.args = ['sleep', '600'];
      change(config);
    });
    await container.up();
    return container;
  }

  /** One call of the runtime, with this case's --root. */
  runtime(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.command(runtime.path, ['--root', this.stateRoot, ...args], options);
  }

  /** Any program; its output goes to this case's directory. */
  command(path: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const output = join(this.directory, 'log', String(this.#commands++));
    return this.#remember(output, command({ path, args, output }, options));
  }

  readonly #outputs = new WeakMap<CommandResult, string>();

  async #remember(output: string, running: Promise<CommandResult>): Promise<CommandResult> {
    const result = await running;
    this.#outputs.set(result, output);
    return result;
  }

  /** The same result, plus what a container has written to its files since. */
  reread(result: CommandResult): CommandResult {
    const output = this.#outputs.get(result) ?? '';
    return { ...result, stdout: readFileSync(`${output}.out`, 'utf8'), stderr: readFileSync(`${output}.err`, 'utf8') };
  }

  /** A path in the case's directory. */
  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Called at the end of the case, last registered first. */
  atEnd(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  /** What is on the machine from this case right now, after it had time to settle. */
  leftovers(milliseconds = 2000): Promise<string[]> {
    return settledLeftovers(this.name, this.stateRoot, milliseconds);
  }

  /** Deletes the containers, removes everything, and returns what the runtime had left after `settle` milliseconds. */
  async close(settle = 2000): Promise<string[]> {
    for (const stop of this.#stops.reverse()) await stop();
    for (const container of this.containers) {
      if (leftovers(this.name, this.stateRoot).length > 0) await container.delete({ flags: ['--force'] });
    }
    const left = await this.leftovers(settle);
    // The leftovers report everything that bears the case's name.
    const changed = this.#mounts.changes().filter((line) => !line.includes(this.name));
    if (left.length > 0) await removeLeftovers(this.name);
    rmSync(this.directory, { recursive: true, force: true });
    return [...left, ...changed];
  }
}
