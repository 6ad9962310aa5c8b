// Waits for changes of files in a directory (inotify(7)), for commands that follow one.
import { isHostFailure } from '../errors.js';
import type { Engine } from './engine.js';

/** Where the kernel tells nothing: some network file systems, and a user with too many watchers. */
const pollMs = 50;
/** Now and then, whatever the kernel tells. */
const longestMs = 2000;

export class Changes {
  readonly #fd: number;

  constructor(
    private readonly engine: Engine,
    directory: string,
  ) {
    this.#fd = open(engine, directory);
  }

  /** Until something has changed since the last call, one of the descriptors is readable, or the time is over. Returns those. */
  wait(others: readonly number[], ms = longestMs): readonly number[] {
    const { host } = this.engine;
    if (this.#fd < 0) return host.poll(others, [], Math.min(ms, pollMs));
    const ready = host.poll([...others, this.#fd], [], Math.min(ms, longestMs));
    host.forgetChanges(this.#fd);
    return ready.filter((fd) => fd !== this.#fd);
  }

  close(): void {
    if (this.#fd >= 0) this.engine.host.close(this.#fd);
  }
}

function open({ host, log }: Engine, directory: string): number {
  try {
    return host.watchDirectory(directory);
  } catch (caught) {
    if (!isHostFailure(caught)) throw caught;
    log.debug(`no inotify for ${directory}: errno ${caught.errno}`);
    return -1;
  }
}
