// Reads conmon's log (k8s-file): "TIME STREAM TAG TEXT", where tag P marks the beginning of a line and F its end. Texts
// are bytes, as the program wrote them.
import { isMissing } from '../../host/failure.js';
import type { Engine } from '../engine.js';

const newline = 10;
const space = 32;
const letterE = 101;
const letterF = 70;
/** From the stream's name to the tag. */
const tagOffset = 7;
const chunkSize = 256 * 1024;

/** One line of the file. Parses only on request: there may be millions of lines. */
export class LogLine {
  readonly #at: number;

  /** `end`: end of the line, before its newline, which exists, too. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly begin: number,
    private readonly end: number,
  ) {
    this.#at = bytes.indexOf(space, begin) + 1;
  }

  /** conmon's format: "2024-05-06T07:08:09.123456789+00:00". */
  get time(): string {
    return String.fromCharCode(...this.bytes.subarray(this.begin, Math.min(this.#at - 1, this.begin + 64)));
  }

  /** "stdout" and "stderr" are equally long. */
  get stream(): 'stdout' | 'stderr' {
    return this.bytes[this.#at + 3] === letterE ? 'stderr' : 'stdout';
  }

  /** It ends with a newline. */
  get full(): boolean {
    return this.bytes[this.#at + tagOffset] === letterF;
  }

  /** The program's output, with its newline if it wrote one. */
  get text(): Uint8Array {
    return this.bytes.subarray(this.#at + tagOffset + 2, this.full ? this.end + 1 : this.end);
  }

  /** A copy without the rest of the chunk. */
  copy(): LogLine {
    const bytes = this.bytes.slice(this.begin, this.end + 1);
    return new LogLine(bytes, 0, bytes.length - 1);
  }
}

/** The growing file. The descriptor keeps it readable when the container is removed. */
export class LogReader {
  #offset = 0;
  #rest = new Uint8Array(0);
  #fd: number;

  constructor(
    private readonly engine: Engine,
    private readonly path: string,
  ) {
    this.#fd = engine.host.openFile(path);
  }

  /** A log that reaches its limit (--log-opt max-size) is replaced by a new file; somebody may also have emptied it. */
  #hasChanged(): boolean {
    const { host } = this.engine;
    const status = host.lstat(this.path);
    return status !== null && (status.size < this.#offset || !host.isSameFile(this.#fd, this.path));
  }

  /** From the beginning of the current file; false if it is gone. */
  #begin(): boolean {
    const { host } = this.engine;
    try {
      const fd = host.openFile(this.path);
      host.close(this.#fd);
      this.#fd = fd;
    } catch (caught) {
      if (isMissing(caught)) return false;
      throw caught;
    }
    this.#offset = 0;
    this.#rest = new Uint8Array(0);
    return true;
  }

  #readOn(body: (line: LogLine) => void): number {
    let count = 0;
    for (;;) {
      const chunk = this.engine.host.readAt(`/proc/self/fd/${this.#fd}`, this.#offset, chunkSize);
      if (chunk.length === 0) return count;
      this.#offset += chunk.length;
      count += this.#split(chunk, body);
    }
  }

  /** Calls `body` with each complete line that was not read yet. Returns the number of lines. */
  read(body: (line: LogLine) => void): number {
    for (let count = 0; ;) {
      // The last lines of a replaced file come first.
      const changed = this.#hasChanged();
      count += this.#readOn(body);
      if (!changed || !this.#begin()) return count;
    }
  }

  #split(chunk: Uint8Array, body: (line: LogLine) => void): number {
    const bytes = new Uint8Array(this.#rest.length + chunk.length);
    bytes.set(this.#rest);
    bytes.set(chunk, this.#rest.length);
    let count = 0;
    let at = 0;
    for (let end = bytes.indexOf(newline, at); end >= 0; end = bytes.indexOf(newline, at)) {
      body(new LogLine(bytes, at, end));
      at = end + 1;
      count += 1;
    }
    this.#rest = bytes.slice(at);
    return count;
  }

  close(): void {
    this.engine.host.close(this.#fd);
  }
}
