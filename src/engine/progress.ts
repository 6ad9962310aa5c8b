// Progress, on one line of a terminal; nothing without one.
import type { Engine } from './engine.js';

const width = 30;
const clear = '\r\u001B[K';
/** tar's block size. */
const tarRecord = 10_240;

const showsProgress = ({ host }: Engine): boolean => host.isTerminal(2) && host.env('TERM') !== 'dumb';

/** A line on standard error: "Removing images [=====>    ] 3/20". */
export class Bar {
  readonly #shows: boolean;
  #shown = false;

  constructor(
    private readonly engine: Engine,
    quiet = false,
  ) {
    this.#shows = !quiet && showsProgress(engine);
  }

  /** Before the next of that many is done. */
  step(what: string, index: number, count: number): void {
    if (!this.#shows) return;
    const done = Math.floor((index * width) / count);
    const bar = `${'='.repeat(done)}>${' '.repeat(width - done)}`;
    this.engine.host.write(2, `${clear}${what} [${bar}] ${index + 1}/${count}`);
    this.#shown = true;
  }

  /** Clears the line. */
  end(): void {
    if (this.#shown) this.engine.host.write(2, clear);
    this.#shown = false;
  }
}

export interface Progress {
  /** Before each layer that is unpacked. */
  readonly onLayer: (layer: { readonly digest: string }, index: number, count: number) => void;
  /** Clears the line. */
  readonly end: () => void;
}

export function layerProgress(engine: Engine, quiet: boolean): Progress {
  const bar = new Bar(engine, quiet);
  return {
    onLayer: ({ digest }, index, count) => bar.step(`${digest.slice(7, 19)}: Unpacking layer`, index, count),
    end: () => bar.end(),
  };
}

/** A bar that tar(1) itself advances while it writes that many bytes. `body` gets tar's arguments. */
export function withTarProgress<T>(engine: Engine, what: string, bytes: () => number, body: (words: readonly string[]) => T): T {
  const { host } = engine;
  if (!showsProgress(engine)) return body([]);
  const each = Math.ceil(bytes() / tarRecord / width) + 1;
  host.write(2, `${clear}${what} [${' '.repeat(width)}]\r${what} [`);
  try {
    return body([`--checkpoint=${each}`, `--checkpoint-action=exec=printf = >/proc/${host.pid}/fd/2`]);
  } finally {
    host.write(2, clear);
  }
}
