// The file of update --resources, if it is not as it should be; see update.test.ts for what it does.
import { writeFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import { readCgroup } from '../../../harness/machine/cgroup.js';
import type { CommandResult } from '../../../harness/command.js';
import { runtime } from '../../../harness/runtime.js';
import type { Container } from '../../../harness/container.js';

const update = (container: Container, ...flags: string[]): Promise<CommandResult> => container.verb('update', { flags });

test('a resources file that is a directory, or has no name', async (t, box) => {
  const container = await box.running();
  failed(t, await update(container, '--resources', box.directory), /is a directory/);
  succeeded(t, await update(container, '--resources='));
  succeeded(t, await update(container, '--resources=', '--pids-limit', '19'));
  t.equal(readCgroup('pids', container.cgroupsPath, 'pids.max'), '19');
});

test(
  'a wrong value is reported with its place in the file',
  async (t, box) => {
    const container = await box.running();
    const file = box.path('resources.json');
    for (const [text, place] of [
      ['{"memory": {"limit": "64M"}}', '/linux/resources/memory/limit (line 1, column 22)'],
      ['\n{\n  "pids": 4\n}', '/linux/resources/pids (line 3, column 11)'],
      ['{"memory": {"limit": 5},\n }', '2:2'],
    ] as const) {
      writeFileSync(file, text);
      const result = await update(container, '--resources', file);
      failed(t, result);
      t.ok(result.stderr.includes(file) && result.stderr.includes(place), place, { stderr: result.stderr });
    }
  },
  { oursOnly: true },
);

test('unknown fields in it are ignored, and the rest is done', async (t, box) => {
  const container = await box.running();
  const file = box.path('resources.json');
  writeFileSync(file, '{"pids": {"limit": 19, "new": 5}, "x-vendor": {"a": 1}, "memroy": {"limit": 1}}');
  const result = await update(container, '--resources', file);
  succeeded(t, result);
  t.equal(readCgroup('pids', container.cgroupsPath, 'pids.max'), '19');
  if (runtime.isOurs) t.match(result.stderr, /is unknown; ignored .*\/linux\/resources\/memroy/);
});
