// sd_notify(3).

/** sd_notify(3): once the program says READY=1 on `socket`, `text` goes to the manager's socket at `path`. */
export interface ReadyNotification {
  readonly socket: number;
  readonly path: string;
  readonly text: string;
}

export interface NotifyHost {
  /** A bound SOCK_DGRAM socket `name` that everybody may send to; made in a directory of our own, then moved to `shown`. */
  listenDatagram(directory: string, shown: string, name: string): number;
  /** Waits for READY=1 on the socket; false if the process ends first. */
  awaitReady(socket: number, pidfd: number): boolean;
  /** Sends one datagram to a Unix socket; the path of an abstract one begins with "@". */
  sendDatagram(path: string, text: string): void;
}
