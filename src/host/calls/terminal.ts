// The terminal of a container, descriptors that are handed over, and a container in the foreground.
import type { ReadyNotification } from './notify.js';

export interface TerminalHost {
  /** Sends fd by SCM_RIGHTS to the Unix stream socket at path, as --console-socket wants it. */
  sendFdToPath(path: string, fd: number, name: string): void;
  /** Connects to a Unix stream socket. */
  connectStream(path: string): number;
  /** Sends the text, and fd with it by SCM_RIGHTS. */
  sendFd(socket: number, fd: number, text: string): void;
  /** Of our own terminal, if standard input is one. */
  takeWindowSize(master: number): void;
  /** Keeps the signals that `supervise` forwards until it is called: the program is there before that. */
  blockSignals(): void;
  /**
   * Stands in for a container in the foreground until it ends: forwards signals, copies between our terminal and `master`
   * (-1: none), passes on that the program is ready, reaps strays. Returns the program's exit code (128 + signal).
   */
  supervise(pidfd: number, pid: number, master: number, ready: ReadyNotification | null): number;
}
