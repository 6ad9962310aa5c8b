// Runs the examples of docs/api.md as printed, with only their paths changed.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { test } from '../harness/case.js';
import { projectRoot } from '../harness/runtime.js';

const text = readFileSync(join(projectRoot, 'docs/api.md'), 'utf8');
const examples = [...text.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code!);

/** What each of them prints. */
const printed = [
  /^hello\n\{ code: 0, signal: null, oomKilled: false \}\n$/,
  /^4 input\n\n$/,
  /^bin\n[^]*\{ code: 0, signal: null, timedOut: false \}\nstats \{ current: 1, limit: 20 \}\n$/,
  /^E_CONFIG_SCHEMA \/root\/path\n[^]*pointer: '\/hostname',\s+found: 'the number 7',\s+expected: 'expected a string'/,
  /code: 3,\s+signal: null,\s+stdout: 'hello world\\n',[^]*warnings: \[\]\s+\} true\n$/,
  /^firstsecond\nwarm\n\n$/,
];

test('every example is run', (t) => {
  t.equal(examples.length, printed.length);
});

examples.forEach((example, index) => {
  test(`example ${index + 1} of docs/api.md`, async (t, box) => {
    const { bundle } = box.container((config) => {
      config.process.args = ['echo', 'hello'];
    });
    mkdirSync(box.path('node_modules'));
    symlinkSync(projectRoot, box.path('node_modules/pocker-runc'));
    const given = example
      .replaceAll('/srv/bundle', bundle)
      .replaceAll('/run/my-app', box.stateRoot)
      .replaceAll('/my-app-box-1', `/${box.name}`);
    const { code } = await transform(given, { loader: 'ts', target: 'node20', format: 'esm' });
    writeFileSync(box.path('example.mjs'), code);
    const { stdout } = await promisify(execFile)(process.execPath, [box.path('example.mjs')], { timeout: 30_000 });
    t.match(stdout, printed[index]);
  });
});
