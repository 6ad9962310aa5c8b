// A container in the foreground: its input and output are ours until it ends or the user detaches.
import type { Engine } from '../engine.js';
import { engineError, Exit } from '../errors.js';
import { isMissing } from '../../host/failure.js';
import { settle } from './ending/cleanup.js';
import type { ContainerRecord } from '../records/container.js';
import { connectAttach, type Running } from './starting/start.js';
import { pidfdOpen } from '../../container/process.js';
import { bundleDirectory, endingName, type StoredContainer } from '../records/container-store.js';

const small = 64;
const detachedCode = 1;

/** "ctrl-p,ctrl-q" in bytes. */
export function detachKeys(said: string): Uint8Array {
  if (said === '') return new Uint8Array();
  const codes = said.split(',').map((key) => {
    const [, letter] = /^ctrl-([a-z@[\\\]^_])$/i.exec(key) ?? [];
    if (letter !== undefined) return letter.toUpperCase().charCodeAt(0) & 0x1f;
    if (key.length === 1) return key.charCodeAt(0);
    throw engineError(`Invalid detach keys (${said}) provided`, 'Use letters and ctrl-LETTER, separated by commas');
  });
  return Uint8Array.from(codes);
}

export const usualDetachKeys = 'ctrl-p,ctrl-q';

export interface AttachOptions {
  readonly input: boolean;
  readonly detachKeys: string;
  /** Forwards our signals to its program. */
  readonly proxy: boolean;
}

/** A container with a terminal needs ours. docker's text. */
export function assertTerminal({ host }: Engine, terminal: boolean, input: boolean): void {
  if (terminal && input && !host.isTerminal(0)) throw engineError('the input device is not a TTY', 'Omit -t');
}

/** Copies until it has ended: true; false if the user detached. */
function copy(engine: Engine, record: ContainerRecord, running: Running, options: AttachOptions): boolean {
  const { host } = engine;
  const terminal = record.config.Tty && host.isTerminal(0);
  const result = host.attach({
    socket: running.socket,
    pidfd: options.proxy && !record.config.Tty ? running.pidfd : -1,
    input: options.input && record.config.OpenStdin,
    terminal: terminal && options.input,
    detachKeys: record.config.Tty ? detachKeys(options.detachKeys) : new Uint8Array(),
    control: record.config.Tty ? `${bundleDirectory(engine, record.id)}/ctl` : '',
  });
  if (result === detachedCode) return false;
  if (result > detachedCode) throw new Exit(result);
  return true;
}

/** Waits for its end and returns its exit code. */
export function awaitEnding(engine: Engine, { id, pidfd, ending }: Running): number {
  const { host } = engine;
  host.poll([pidfd], [], -1);
  settle(engine, id);
  const code = host.readText(`/proc/self/fd/${ending}`, small).trim();
  return code === '' ? 255 : Number(code.split('\n')[0]);
}

/**
 * Returns its exit code; 0 if the user detached. It may have ended and been removed by now: the socket still holds what it
 * wrote.
 */
export function inForeground(engine: Engine, record: ContainerRecord, running: Running, options: AttachOptions): number {
  const { host } = engine;
  if (!copy(engine, record, running, options)) {
    host.write(1, '\n');
    return 0;
  }
  return awaitEnding(engine, running);
}

/** For a running container; null: not running. */
export function joinRunning(engine: Engine, { record, state }: StoredContainer, attach: boolean): Running | null {
  const { host } = engine;
  let ending: number;
  try {
    ending = host.openFile(`${bundleDirectory(engine, record.id)}/${endingName}`);
  } catch (caught) {
    if (isMissing(caught)) return null;
    throw caught;
  }
  const pidfd = pidfdOpen(host, state);
  if (pidfd < 0) {
    host.close(ending);
    return null;
  }
  return { id: record.id, socket: attach ? connectAttach(engine, record.id) : -1, pidfd, ending };
}
