// Entry of `pocker-runc` under Node.
import { main } from './cli/main.js';
import { nodeHost } from './host/node.js';

process.exitCode = await main(nodeHost(process.argv.slice(2)));
