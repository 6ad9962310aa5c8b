// conmon(8), a container's monitor: it calls the runtime's create, keeps the log and the exit code, connects standard input and
// output to attached clients, and calls us back when the container has ended.
import { fromHost, PockerError } from '../../../errors.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { ownCommand, ownDirectory } from '../../own-program.js';
import { findTool, tryTool } from '../../programs.js';
import type { ContainerRecord } from '../../records/container.js';
import { usesSystemd } from '../bundle/spec.js';
import { bundleDirectory, logPath } from '../../records/container-store.js';

/** Far longer than any create, even with hooks for a slow network. */
const createWaitMs = 120_000;
const logLimit = 64 * 1024;

const flagged = (flag: string, words: readonly string[]): string[] => words.flatMap((word) => [flag, word]);

function logArgs(engine: Engine, { id, hostConfig }: ContainerRecord): string[] {
  const { Type, Config } = hostConfig.LogConfig;
  if (Type === 'none') return ['--log-path', 'off:'];
  const size = /^(\d+)([kmg]?)b?$/i.exec(Config['max-size'] ?? '');
  const unit = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[size?.[2]?.toLowerCase() ?? ''] ?? 1;
  return [
    ...['--log-path', `k8s-file:${logPath(engine, id)}`],
    ...(size === null ? [] : ['--log-size-max', String(Number(size[1]) * unit), ...rotation(engine, Config['max-file'])]),
  ];
}

/** Older versions start a full log over. */
function rotation(engine: Engine, said = '1'): string[] {
  const older = Number(said) - 1;
  if (older === 0) return [];
  if (tryTool(engine, 'conmon', ['--help']).output.includes('--log-rotate'))
    return ['--log-rotate', '--log-max-files', String(older)];
  engine.log.warn('this conmon keeps one log file: max-file needs version 2.1.13');
  return [];
}

function conmonArgs(engine: Engine, record: ContainerRecord): string[] {
  const { id, name, config, hostConfig } = record;
  const bundle = bundleDirectory(engine, id);
  const [program, ...words] = [...ownCommand(engine), 'container', 'cleanup', id];
  const runtime = [
    ...['--root', engine.paths.runtime, '--log', `${bundle}/runtime.log`, '--log-format', 'json'],
    ...(usesSystemd(engine) ? ['--systemd-cgroup'] : []),
  ];
  return [
    ...['conmon', '--api-version', '1', '-c', id, '-u', id, '-n', name, '-b', bundle],
    ...['-r', `${ownDirectory(engine)}/pocker-runc`, ...flagged('--runtime-arg', runtime)],
    ...['-p', `${bundle}/pid`, '-P', `${bundle}/conmon.pid`, '--exit-dir', bundle, '--full-attach'],
    ...logArgs(engine, record),
    ...(hostConfig.AutoRemove ? ['--no-sync-log'] : []),
    ...(config.Tty ? ['-t'] : []),
    ...(config.OpenStdin ? ['-i'] : []),
    // At a terminal, a client that leaves may come back.
    ...(config.OpenStdin && (config.Tty || !config.StdinOnce) ? ['--leave-stdin-open'] : []),
    ...['--exit-command', program, ...flagged('--exit-command-arg', words)],
  ];
}

/** The runtime's error, from the record in its log. */
function runtimeError({ host }: Engine, bundle: string, message: string): PockerError {
  try {
    const line = host.readRegular(`${bundle}/runtime.log`, logLimit).trim().split('\n').at(-1)!;
    const { msg, code, errno, hint, path } = JSON.parse(line) as Record<string, string | undefined>;
    if (code === 'E_EXEC') return programError(path ?? '', errno ?? '', msg ?? message);
    return engineError(msg ?? message, hint);
  } catch {
    return engineError(`conmon could not create the container: ${message.trim()}`);
  }
}

const ENOENT = 2;
const EACCES = 13;

/** docker's texts, which scripts match; the errno decides the exit code. */
function programError(program: string, errnoName: string, message: string): PockerError {
  const quoted = JSON.stringify(program);
  if (errnoName === 'ENOENT')
    return new PockerError('E_EXEC', `exec: ${quoted}: executable file not found in $PATH`, {
      errno: ENOENT,
      hint: 'Look into the image: the program may have another name or path there',
    });
  if (errnoName === 'EACCES')
    return new PockerError('E_EXEC', `exec: ${quoted}: permission denied`, {
      errno: EACCES,
      hint: 'Make the file executable in the image',
    });
  return new PockerError('E_EXEC', message, { errno: EACCES });
}

/** The same for errors that the runtime throws in this process; anything else stays as it is. */
export function asProgramError(program: string, caught: unknown): unknown {
  if (!(caught instanceof PockerError) || caught.code !== 'E_EXEC') return caught;
  return programError(program, { [ENOENT]: 'ENOENT', [EACCES]: 'EACCES' }[caught.errno ?? 0] ?? '', caught.message);
}

/** Starts conmon and waits until it has created the container. Returns the pid of the container's first process. */
export function createWithConmon(engine: Engine, record: ContainerRecord): number {
  const { host } = engine;
  const bundle = bundleDirectory(engine, record.id);
  const path = findTool(engine, 'conmon');
  const env = ['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'].flatMap((name) => {
    const value = host.env(name);
    return value === null ? [] : [`${name}=${value}`];
  });
  const args = conmonArgs(engine, record);
  try {
    // conmon writes the pid, or the error, to descriptor 3, and notes an out-of-memory kill in its working directory.
    const told = [...env, '_OCI_SYNCPIPE=3'];
    const { pidfd, channel } = host.startService({ path, args, env: told, fds: [], root: '', cwd: bundle });
    try {
      const packet = host.receiveBytes(channel, createWaitMs);
      const { data = -1, message = 'it ended' } = packet === null ? {} : parseReport(packet.bytes);
      if (data <= 0) throw runtimeError(engine, bundle, message);
      return data;
    } finally {
      host.close(channel);
      host.waitPidfd(pidfd, createWaitMs);
      host.reap(pidfd);
      host.close(pidfd);
    }
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot run conmon', caught);
  }
}

function parseReport(bytes: Uint8Array): { readonly data?: number; readonly message?: string } {
  return JSON.parse(String.fromCharCode(...bytes)) as { readonly data?: number; readonly message?: string };
}
