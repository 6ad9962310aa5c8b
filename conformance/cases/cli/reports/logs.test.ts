// --log and --log-format: one JSON object per line; containerd reads the last error.
import { existsSync, readFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import type { Box } from '../../../harness/box.js';
import { runtime } from '../../../harness/runtime.js';

interface Entry {
  readonly level: string;
  readonly msg: string;
  readonly time: string;
}

const flags = (box: Box): string[] => ['--log', box.path('log.json'), '--log-format', 'json'];

function entries(box: Box): Entry[] {
  if (!existsSync(box.path('log.json'))) return [];
  return readFileSync(box.path('log.json'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
}

test('an error is a JSON record in the log', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['/no/such/program'];
  });
  const result = await container.create({ globals: flags(box) });
  failed(t, result);
  const errors = entries(box).filter((entry) => entry.level === 'error');
  t.ok(errors.length > 0);
  const last = errors.at(-1);
  t.match(last?.msg, /\/no\/such\/program/, 'the last one is complete in itself');
  t.match(last?.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
});

test('every line of the log is an object with level, msg and time', async (t, box) => {
  const container = box.container();
  const globals = [...flags(box), '--debug'];
  await container.run({ globals });
  await container.delete({ globals });
  for (const entry of entries(box)) t.match(entry, { level: /^(debug|info|warning|error|fatal)$/, msg: String, time: /^\d{4}-/ });
  t.ok(entries(box).some((entry) => entry.level === 'error'));
});

test('the log is appended to', async (t, box) => {
  for (let round = 0; round < 3; round++) await box.runtime([...flags(box), 'state', 'nobody']);
  t.equal(entries(box).filter((entry) => entry.level === 'error').length, 3);
});

test('line ends in a message stay inside its line', async (t, box) => {
  await box.runtime([...flags(box), 'state', 'no\nbody']);
  t.equal(entries(box).filter((entry) => entry.level === 'error').length, 1);
});

test(
  'the message is also on stderr',
  async (t, box) => {
    const result = await box.runtime([...flags(box), 'state', 'nobody']);
    t.match(result.stderr, /does not exist/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'a log in text',
  async (t, box) => {
    failed(t, await box.runtime(['--log', box.path('log.txt'), 'state', 'nobody']));
    t.match(readFileSync(box.path('log.txt'), 'utf8'), /level=error msg=.*does not exist/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test('success writes nothing to stderr', async (t, box) => {
  const container = box.container();
  for (const result of [await container.create(), await container.start(), await box.runtime(['list'])])
    t.equal(result.stderr, '');
  await container.waitFor('stopped');
  const deleted = await container.delete();
  succeeded(t, deleted);
  t.equal(deleted.stderr, '');
});

test('a log file that cannot be written', async (t, box) => {
  const container = box.container();
  const result = await container.create({ globals: ['--log', box.path('no', 'such', 'directory')] });
  t.not(result.code, 0);
  t.match(result.stderr, /such.directory/);
  t.same(await box.leftovers(), []);
});

test('an unknown log format', async (t, box) => {
  const result = await box.command(runtime.path, ['--root', box.stateRoot, '--log-format', 'xml', 'list']);
  t.not(result.code, 0);
  t.match(result.stderr, /xml/);
});

test(
  'records contain our code and the pointer into the config',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.cwd = 'relative';
    });
    failed(t, await container.create({ globals: flags(box) }));
    const last = entries(box)
      .filter((entry) => entry.level === 'error')
      .at(-1) as unknown as Record<string, unknown>;
    t.match(JSON.stringify(last), /E_CONFIG_(RULE|SCHEMA)/);
    t.match(JSON.stringify(last), /\/process\/cwd/);
  },
  { oursOnly: true },
);
