// Entry of the standalone executable pocker-runc.
import './entry.shims.js';
import { main } from './cli/main.js';
import type { WorkerHost } from './server/serve.js';

const engine = globalThis as unknown as { readonly host: WorkerHost; start: () => void; serve: () => void };

// Everything else in this module and its imports is done at build time (addon/quickjs/snapshot.h).
engine.start = () => {
  void main(engine.host).then((code) => {
    engine.host.exit(code);
  });
};

// Not imported above: the pages of the entry are those that every command uses (by_use in addon/quickjs/program.cpp).
engine.serve = () => {
  void import('./server/serve.js').then(({ serve }) => {
    engine.host.exit(serve(engine.host));
  });
};
