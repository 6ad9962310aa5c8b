// The options of a sandbox, checked, with every limit as a number.
import { check, usage } from '../api/options.js';

/** A number of bytes, or a text like '128m'. */
export type Size = number | string;

export interface SandboxOptions {
  /** A root filesystem of yours, read-only: a directory, or an OCI image layout as DIRECTORY or DIRECTORY:TAG. By default, the host's /usr. */
  readonly rootfs?: string;
  /** Files for the working directory: by name, or everything in a directory, copied. */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | string;
  readonly env?: Readonly<Record<string, string>>;
  /** Memory of the cgroup: 256 MiB by default. */
  readonly memory?: Size;
  /** CPUs' worth of time: 1 by default. */
  readonly cpus?: number;
  /** Processes and threads: 64 by default. */
  readonly pids?: number;
  /** Size of the working directory and of /tmp: 64 MiB each by default. They also count as memory. */
  readonly disk?: Size;
  /** A limit that this machine or user cannot set is an error, not a warning. */
  readonly strict?: boolean;
  /** Parent of the state directories. */
  readonly root?: string;
}

export interface CommandOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Its standard input. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until everything in the sandbox is killed: 10000 by default. */
  readonly timeout?: number;
  /** Bytes of standard output and of standard error each: 1 MiB by default. Beyond that, the pipe is closed. */
  readonly output?: Size;
  readonly signal?: AbortSignal;
}

const sandboxKinds = {
  rootfs: 'string',
  files: 'string or object',
  env: 'object',
  memory: 'string or number',
  cpus: 'positive number',
  pids: 'positive integer',
  disk: 'string or number',
  strict: 'boolean',
  root: 'string',
} as const;

const commandKinds = {
  command: 'array of strings',
  input: 'string or bytes',
  timeout: 'positive number',
  output: 'string or number',
  signal: 'AbortSignal',
} as const;

export interface Limits {
  readonly memory: number;
  readonly cpus: number;
  readonly pids: number;
  readonly disk: number;
}

export interface CommandLimits {
  readonly timeout: number;
  readonly output: number;
}

const mebi = 2 ** 20;
const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: mebi, g: 2 ** 30, t: 2 ** 40 };

function bytes(name: string, size: Size | undefined, otherwise: number): number {
  if (size === undefined) return otherwise;
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(String(size)) ?? [];
  const value = Math.floor(Number(digits) * (units[(unit ?? '').toLowerCase()] ?? NaN));
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw usage(`${name}: expected a size like 67108864 or '64m', found ${JSON.stringify(size)}`);
}

/** Separates the options for the sandbox from those for its command. */
export function split(options: SandboxOptions & CommandOptions): { sandbox: SandboxOptions; command: CommandOptions } {
  check('options of sandbox', options, { ...sandboxKinds, ...commandKinds });
  const { command, input, timeout, output, signal, ...sandbox } = options;
  const given = Object.entries({ command, input, timeout, output, signal }).filter(([, value]) => value !== undefined);
  return { sandbox, command: Object.fromEntries(given) as unknown as CommandOptions };
}

export function limitsOf(options: SandboxOptions): Limits {
  check('options of Sandbox', options, sandboxKinds);
  const { memory, cpus = 1, pids = 64, disk } = options;
  for (const [name, text] of Object.entries(typeof options.files === 'object' ? options.files : {})) {
    if (name.startsWith('/') || name === '' || name.split('/').includes('..') || name.includes('\0'))
      throw usage(`files: ${JSON.stringify(name)}: expected a path within the working directory`);
    if (typeof text !== 'string' && !(text instanceof Uint8Array)) throw usage(`files: ${name}: expected a string or bytes`);
  }
  return { memory: bytes('memory', memory, 256 * mebi), cpus, pids, disk: bytes('disk', disk, 64 * mebi) };
}

export function commandLimitsOf(options: CommandOptions): CommandLimits {
  check('options of exec', options, commandKinds);
  if (!Array.isArray(options.command) || options.command.length === 0)
    throw usage('command: expected the program and its arguments');
  // To execve(2) it would end the argument, and to the keeper it would start another one.
  for (const one of options.command as readonly string[]) {
    if (one.includes('\0')) throw usage(`command: ${JSON.stringify(one)}: contains a NUL character`);
  }
  return { timeout: options.timeout ?? 10_000, output: bytes('output', options.output, mebi) };
}
