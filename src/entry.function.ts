// The command line as a function of a Host, for the cases of conformance/faults.
export { main } from './cli/main.js';
export { nodeHost } from './host/node.js';
