// Runs one program with a deadline; its output goes to files, because a container that it starts inherits them and would
// keep a pipe open for as long as it lives.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

export interface CommandOptions {
  readonly cwd?: string;
  /** Exactly this environment; by default the caller's. */
  readonly env?: NodeJS.ProcessEnv;
  /** File for standard input, /dev/null by default. */
  readonly stdin?: string;
  /** Descriptors that the program gets as 3, 4, …; opened files of the caller. */
  readonly extraFds?: readonly number[];
  /** Milliseconds until it is killed. */
  readonly timeout?: number;
  /** Called with the pid as soon as it runs. */
  readonly onSpawn?: (pid: number) => void;
}

export interface CommandResult {
  readonly command: string;
  /** Exit code; 128 + signal when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
  readonly timedOut: boolean;
}

export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  /** Files for stdout and stderr are made with this prefix. */
  readonly output: string;
}

/** Factor on every deadline, for slow machines: $CONFORMANCE_PATIENCE. */
export const patience = Number(process.env['CONFORMANCE_PATIENCE'] ?? '1');

const defaultTimeout = 15_000;

/** tap puts NODE_OPTIONS into whatever is spawned below it, by which Node loads tap's modules; our Node host is to run as it is. */
function withoutTap({ NODE_OPTIONS: options }: NodeJS.ProcessEnv): string[] {
  return [
    '-u',
    'NODE_OPTIONS',
    ...(options === undefined || options === process.env['NODE_OPTIONS'] ? [] : [`NODE_OPTIONS=${options}`]),
  ];
}

/** Runs it to its end. Never throws for a failing program. */
export async function command(program: Program, options: CommandOptions = {}): Promise<CommandResult> {
  const files = { stdout: `${program.output}.out`, stderr: `${program.output}.err` };
  const fds = [openSync(options.stdin ?? '/dev/null', 'r'), openSync(files.stdout, 'a'), openSync(files.stderr, 'a')];
  const begin = performance.now();
  const child = spawn('/usr/bin/env', [...withoutTap(options.env ?? {}), program.path, ...program.args], {
    stdio: [...fds, ...(options.extraFds ?? [])],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  for (const fd of fds) closeSync(fd);
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      child.kill('SIGKILL');
    },
    (options.timeout ?? defaultTimeout) * patience,
  );
  const code = await new Promise<number>((done, fail) => {
    child.once('error', fail);
    child.once('exit', (exitCode, signal) => {
      done(signal === null ? (exitCode ?? 0) : 128 + constants.signals[signal]);
    });
    if (child.pid !== undefined) options.onSpawn?.(child.pid);
  }).finally(() => {
    clearTimeout(timer);
  });
  return {
    command: [program.path, ...program.args].join(' '),
    code,
    stdout: readFileSync(files.stdout, 'utf8'),
    stderr: readFileSync(files.stderr, 'utf8'),
    milliseconds: performance.now() - begin,
    timedOut,
  };
}
