// Runs one program with a deadline. Its output goes to files, because a container that it starts would inherit a pipe and keep it
// open for its lifetime.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

export interface CommandOptions {
  readonly cwd?: string;
  /** Exactly this environment; by default the caller's. */
  readonly env?: NodeJS.ProcessEnv;
  /** File for standard input, /dev/null by default. */
  readonly stdin?: string;
  /** The caller's open files that the program gets as descriptors 3, 4, …. */
  readonly extraFds?: readonly number[];
  /** Milliseconds until it is killed. */
  readonly timeout?: number;
  /** Called with the pid as soon as it runs. */
  readonly onSpawn?: (pid: number) => void;
}

export interface CommandResult {
  readonly command: string;
  /** Exit code; 128 + signal if a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
  readonly timedOut: boolean;
}

export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  /** Prefix of the files for stdout and stderr. */
  readonly output: string;
}

/** Factor for every deadline, for slow machines: $CONFORMANCE_PATIENCE. */
export const patience = Number(process.env['CONFORMANCE_PATIENCE'] ?? '1');

const defaultTimeout = 15_000;

/** tap sets NODE_OPTIONS for its children, which makes Node load tap's modules; our Node host must run without that. */
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
