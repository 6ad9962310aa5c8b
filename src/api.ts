// The npm package's typed API.
export { main } from './cli/main.js';
export { nodeHost } from './host/node.js';
export type { Host, HostFailure } from './host/host.js';
export { PockerError } from './errors.js';
