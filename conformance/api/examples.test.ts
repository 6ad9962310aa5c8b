// Runs examples/ as a user would.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from '../harness/case.js';
import { projectRoot } from '../harness/runtime.js';

test('judge.mjs', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(projectRoot, 'examples/judge.mjs')], { timeout: 50_000 });
  const verdicts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\w+ +/, ''));
  const limits = ['time limit exceeded', 'memory limit exceeded', 'output limit exceeded'];
  t.same(verdicts, ['accepted', 'accepted', 'accepted', 'wrong answer', ...limits, 'runtime error']);
});
