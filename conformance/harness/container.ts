// One container of a case: its bundle, and the runtime's commands for it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandOptions, type CommandResult, patience } from './command.js';
import { type Config, toJson } from './config.js';

export interface State {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: string;
  readonly pid?: number;
  readonly bundle: string;
  readonly annotations?: Record<string, string>;
}

export interface VerbOptions extends CommandOptions {
  /** Flags of the command, before the id. */
  readonly flags?: readonly string[];
  /** Global flags, before the command. */
  readonly globals?: readonly string[];
}

/** The container's environment: see box.ts. */
export interface Surroundings {
  /** A path of the case that nothing else uses. */
  path(name: string): string;
  runtime(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  reread(result: CommandResult): CommandResult;
  leftovers(): Promise<string[]>;
}

export class Container {
  readonly box: Surroundings;
  readonly id: string;
  readonly bundle: string;
  readonly config: Config;

  constructor(box: Surroundings, id: string, bundle: string, config: Config) {
    this.box = box;
    this.id = id;
    this.bundle = bundle;
    this.config = config;
    this.writeConfig();
  }

  get rootfs(): string {
    return join(this.bundle, 'rootfs');
  }

  get cgroupsPath(): string {
    return this.config.linux.cgroupsPath ?? '';
  }

  /** Writes config.json; `text` replaces the container's own config. */
  writeConfig(text: string = toJson(this.config)): void {
    writeFileSync(join(this.bundle, 'config.json'), text);
  }

  /** Any command, with the id as its last argument. */
  verb(name: string, options: VerbOptions = {}, after: readonly string[] = []): Promise<CommandResult> {
    const globals = options.globals ?? [];
    return this.box.runtime([...globals, name, ...(options.flags ?? []), this.id, ...after], options);
  }

  create(options: VerbOptions = {}): Promise<CommandResult> {
    return this.verb('create', { ...options, flags: ['--bundle', this.bundle, ...(options.flags ?? [])] });
  }

  /** In the foreground, to its end. */
  run(options: VerbOptions = {}): Promise<CommandResult> {
    return this.verb('run', { ...options, flags: ['--bundle', this.bundle, ...(options.flags ?? [])] });
  }

  start(options: VerbOptions = {}): Promise<CommandResult> {
    return this.verb('start', options);
  }

  kill(signal = 'KILL', options: VerbOptions = {}): Promise<CommandResult> {
    return this.verb('kill', options, [signal]);
  }

  delete(options: VerbOptions = {}): Promise<CommandResult> {
    return this.verb('delete', options);
  }

  /** What `state` prints; throws if it fails. */
  async state(): Promise<State> {
    const result = await this.verb('state');
    if (result.code !== 0) throw new Error(`state failed: ${result.stderr}`);
    return JSON.parse(result.stdout) as State;
  }

  /** create and start, which must both succeed. Returns the result of create, whose files get the program's output. */
  async up(options: VerbOptions = {}): Promise<CommandResult> {
    const created = await this.create(options);
    if (created.code !== 0) throw new Error(`create failed (${created.code}): ${created.stderr}`);
    const started = await this.start();
    if (started.code !== 0)
      throw new Error(`start failed (${started.code}): ${started.stderr}${this.box.reread(created).stderr}`);
    return created;
  }

  /** Waits until `state` says `status`. */
  async waitFor(status: string, milliseconds = 10_000): Promise<State> {
    const deadline = performance.now() + milliseconds * patience;
    for (;;) {
      const state = await this.state();
      if (state.status === status) return state;
      if (performance.now() > deadline) throw new Error(`${this.id} is ${state.status} after ${milliseconds} ms, not ${status}`);
      await sleep(10);
    }
  }

  /** Contents of a file in the root filesystem; '' if it does not exist. */
  read(path: string): string {
    try {
      return readFileSync(join(this.rootfs, path), 'utf8');
    } catch {
      return '';
    }
  }

  /** Waits until a file in the root filesystem has contents. */
  waitForFile(path: string): Promise<string> {
    return waitForText(join(this.rootfs, path));
  }
}

/** Waits until a file contains a complete line. */
export async function waitForText(path: string, milliseconds = 10_000): Promise<string> {
  const deadline = performance.now() + milliseconds * patience;
  for (;;) {
    try {
      const text = readFileSync(path, 'utf8');
      if (text.endsWith('\n')) return text;
    } catch {
      // Not there yet.
    }
    if (performance.now() > deadline) throw new Error(`${path} is empty after ${milliseconds} ms`);
    await sleep(5);
  }
}
