// The terminal of a container, passing descriptors, and a container in the foreground.
import type { ReadyNotification } from './notify.js';

export interface TerminalHost {
  /** Sends fd by SCM_RIGHTS to the Unix stream socket at path, as --console-socket requires. */
  sendFdToPath(path: string, fd: number, name: string): void;
  /** Connects to a Unix stream socket. */
  connectStream(path: string): number;
  /** Sends the text together with fd, by SCM_RIGHTS. */
  sendFd(socket: number, fd: number, text: string): void;
  /** Copies the window size of our own terminal, if standard input is one. */
  takeWindowSize(master: number): void;
  /** Holds back the signals that `supervise` forwards until it is called, because the program exists before that. */
  blockSignals(): void;
  /**
   * Stands in for a container in the foreground until it ends: forwards signals, copies data between our terminal and `master`
   * (-1: none), passes on that the program is ready, and reaps orphans. Returns the program's exit code (128 + signal).
   */
  supervise(pidfd: number, pid: number, master: number, ready: ReadyNotification | null): number;
}
