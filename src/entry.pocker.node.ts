// Entry of `pocker` under Node.
import { main } from './engine/main.js';
import { nodeHost } from './host/node.js';

process.exitCode = await main(nodeHost(process.argv.slice(2)));
