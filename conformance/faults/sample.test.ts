// One fault in each call of the commands that engines use most; `npm run test:faults` has the rest.
import t from 'tap';
import { commands } from './commands.js';
import { findingLines } from './report.js';
import { sweep } from './sweep.js';

const EIO = 5;

t.setTimeout(600_000);

const samples: readonly (readonly [layer: 'host' | 'runtime', names: readonly string[]])[] = [
  ['host', ['create', 'run', 'exec', 'delete --force']],
  ['runtime', ['exec', 'ps']],
];

for (const [layer, names] of samples) {
  for (const command of commands.filter(({ name }) => names.includes(name))) {
    void t.test(`EIO in each call of ${command.name} (${layer})`, { timeout: 300_000 }, async (t) => {
      const row = await sweep(command, { layer, how: EIO });
      t.ok(row.calls > 10, 'there are calls', { calls: row.calls });
      t.equal(findingLines(row), '', `${row.calls} calls: each is named when it fails, and nothing is left`);
    });
  }
}
