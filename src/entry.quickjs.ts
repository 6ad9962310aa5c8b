// Entry of the standalone executable: what the language lacks, then the program.
import { main } from './cli/main.js';
import type { WorkerHost } from './server/serve.js';

interface Engine {
  readonly host: WorkerHost;
  encodeText(text: string): Uint8Array;
  decodeText(bytes: Uint8Array): string;
  TextEncoder: unknown;
  TextDecoder: unknown;
  Intl: unknown;
  console: unknown;
  start: () => void;
  serve: () => void;
}
const engine = globalThis as unknown as Engine;

// FlatBuffers needs these two.
engine.TextEncoder = class {
  encode(text: string): Uint8Array {
    return engine.encodeText(text);
  }
};
engine.TextDecoder = class {
  decode(bytes: Uint8Array): string {
    return engine.decodeText(bytes);
  }
};

// Libraries expect a place for their messages, which are never meant for our users.
const silent = (): void => undefined;
engine.console = { log: silent, warn: silent, error: silent };

// The layout of help texts counts characters with this.
engine.Intl = {
  Segmenter: class {
    segment(text: string): object[] {
      return Array.from(text, (segment) => ({ segment }));
    }
  },
};

// Its seed would be that of the build.
Reflect.deleteProperty(Math, 'random');

// Everything else in this module and its imports is done at build time (addon/quickjs/snapshot.h).
engine.start = () => {
  void main(engine.host).then((code) => {
    engine.host.exit(code);
  });
};

// Not imported above: whatever the entry needs is copied at every start (mark_busy in addon/quickjs/memory.h).
engine.serve = () => {
  void import('./server/serve.js').then(({ serve }) => {
    engine.host.exit(serve(engine.host));
  });
};
