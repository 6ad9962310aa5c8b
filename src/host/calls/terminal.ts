// The terminal of a container, passing descriptors, and a container in the foreground.
import type { ReadyNotification } from './notify.js';

/** A container that conmon(8) monitors, as its attach socket (Host.connect) shows it. */
export interface Attachment {
  readonly socket: number;
  /** Gets the signals that we get; -1: those that end programs end the attachment. */
  readonly pidfd: number;
  /** Our standard input goes to the container's. */
  readonly input: boolean;
  /** Puts our terminal into raw mode. */
  readonly terminal: boolean;
  /** Bytes that the user types to detach; empty: none. */
  readonly detachKeys: Uint8Array;
  /** conmon's control FIFO, which is told of our terminal's size; "": none. */
  readonly control: string;
}

/** Bytes that the user types to detach; empty: none. */
export interface Detaching {
  readonly keys: Uint8Array;
}

export interface TerminalHost {
  isTerminal(fd: number): boolean;
  /** TIOCGWINSZ; null: not a terminal. */
  windowSize(fd: number): [columns: number, rows: number] | null;
  /** Copies until the container closes its output (0), the user detaches (1), or a signal ends it (128 + signal). */
  attach(attachment: Attachment): number;
  /** Sends fd by SCM_RIGHTS to the Unix stream socket at path, as --console-socket requires. */
  sendFdToPath(path: string, fd: number, name: string): void;
  /** Connects to a Unix stream socket. */
  connectStream(path: string): number;
  /** Sends the text together with fd, by SCM_RIGHTS. */
  sendFd(socket: number, fd: number, text: string): void;
  /**
   * For a terminal whose output `supervise` copies to ours: ours adds the carriage returns (ONLCR), and its window size is copied,
   * if we have one.
   */
  setUpTerminal(master: number): void;
  /** Holds back the signals that `supervise` forwards until it is called, because the program exists before that. */
  blockSignals(): void;
  /**
   * Stands in for a container in the foreground until it ends: forwards signals, copies data between our terminal and `master`
   * (-1: none), passes on the program's readiness, and reaps orphans. Returns the program's exit code (128 + signal), or -1 when
   * the user has typed the detach keys: a process then stays behind to hold the program's terminal.
   */
  supervise(pidfd: number, pid: number, master: number, ready: ReadyNotification | null, detaching: Detaching | null): number;
}
