// Waits for changes to files in a directory (inotify(7)), for commands that follow one.
import { isHostFailure } from '../errors.js';
import type { Engine } from './engine.js';

/** Where the kernel reports nothing: some network filesystems, and users with too many watchers. */
const pollMs = 50;
/** Looks now and then, whatever the kernel reports. */
const longestMs = 2000;

export class Changes {
  readonly #fd: number;

  constructor(
    private readonly engine: Engine,
    directory: string,
  ) {
    this.#fd = open(engine, directory);
  }

  /** Waits for a change since the last call, a readable descriptor, or the end of the time. Returns the readable ones. */
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
