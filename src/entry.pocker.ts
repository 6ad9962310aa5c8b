// Entry of the standalone executable pocker.
import './entry.shims.js';
import { main } from './engine/main.js';
import type { Host } from './host/host.js';

const engine = globalThis as unknown as { readonly host: Host; start: () => void };

engine.start = () => {
  void main(engine.host).then((code) => {
    engine.host.exit(code);
  });
};
