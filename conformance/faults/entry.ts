// The Node host's command line over a Host with a fault. Only for tests: nothing that is installed can do this.
//   node entry.js NTH ERRNO|kill|kill-after REPORT ARGUMENTS…
// REPORT gets each call's name and path, one per line, before the call is made.
import { openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Fault, faulty } from './faulty.js';

const [nth = '', how = '', report = '', ...args] = process.argv.slice(2);
const built = fileURLToPath(new URL('../../../../dist/node/entry.function.js', import.meta.url));
const { main, nodeHost } = (await import(built)) as typeof import('../../src/entry.function.js');
const fault: Fault = { nth: Number(nth), how: /^\d+$/.test(how) ? Number(how) : (how as 'kill' | 'kill-after') };
const file = openSync(report, 'w');
process.exitCode = await main(faulty(nodeHost(args), fault, (name) => void writeSync(file, `${name}\n`)));
