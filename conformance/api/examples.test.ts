// Runs examples/ as a user would; the web server's page in a real browser.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { browse, noBrowser, type Page } from './harness/browser.js';
import { test } from '../harness/case.js';
import type { Box } from '../harness/box.js';
import { projectRoot } from '../harness/runtime.js';

const example = (name: string): string => join(projectRoot, 'examples', name);

test('judge.mjs', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, [example('judge.mjs')], { timeout: 50_000 });
  const verdicts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\w+ +/, ''));
  const limits = ['time limit exceeded', 'memory limit exceeded', 'output limit exceeded'];
  t.same(verdicts, ['accepted', 'accepted', 'accepted', 'wrong answer', ...limits, 'runtime error']);
});

test('test-runner.mjs', async (t, box) => {
  const project = box.path('project');
  mkdirSync(join(project, 'sub'), { recursive: true });
  const files = {
    'shared.sh': 'answer=42',
    'a.test.sh': '. ./shared.sh; test $answer = 42 && echo changed > shared.sh',
    'sub/b.test.sh': '. ./shared.sh; echo "answer $answer"; test "$answer" = 42',
    'c.test.pl': 'print "it was 41\\n"; exit 3;',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  const running = promisify(execFile)(process.execPath, [example('test-runner.mjs'), project], { timeout: 50_000 });
  const { code, stdout } = (await running.catch((caught: unknown) => caught)) as { code: number; stdout: string };
  t.equal(code, 1);
  for (const line of [/^ok {5}a\.test\.sh/m, /^ok {5}sub\/b\.test\.sh/m, /^FAILED c\.test\.pl.*\n +exit code 3\n +it was 41$/m])
    t.match(stdout, line);
  t.match(stdout, /2 passed, 1 failed\n$/);
});

/** The example's server; returns its address. */
async function playground(box: Box): Promise<string> {
  const server = spawn(process.execPath, [example('playground.mjs'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  box.atEnd(async () => {
    server.kill();
    await ended;
  });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  return line.toString().trim();
}

test('playground.mjs, requested by hand', async (t, box) => {
  const address = await playground(box);
  const run = async (body: string, type = 'application/json') => {
    const answer = await fetch(`${address}/run`, { method: 'POST', headers: { 'Content-Type': type }, body });
    return [answer.status, answer.status === 404 ? null : await answer.json()];
  };
  const code = (language: string, text: string) => run(JSON.stringify({ language, code: text }));
  t.same(await code('perl', 'print 6 * 7'), [200, { summary: 'exit code 0', text: '42' }]);
  t.same(await code('shell', 'cat main.sh; echo more >> main.sh; exit 3'), [
    200,
    { summary: 'exit code 3', text: 'cat main.sh; echo more >> main.sh; exit 3' },
  ]);
  t.match(await code('shell', 'while :; do :; done'), [200, { summary: 'out of time' }]);
  t.match(await code('pascal', ''), [400, { text: 'expected a language and code' }]);
  t.match(await run('{'), [400, { summary: 'error' }]);
  t.same(await run('{}', 'text/plain'), [404, null], 'not from a form of another site');
});

async function shows(page: Page, selector: string, wanted: RegExp): Promise<string> {
  let text = '';
  for (let tries = 200; tries > 0 && !wanted.test(text); tries--) {
    await sleep(50);
    text = await page.text(selector);
  }
  return text;
}

const inBrowser = async (address: string): Promise<string[]> => {
  const seen: string[] = [];
  await browse(address, async (page) => {
    for (const [option, code, summary] of [
      [1, 'echo "<b>from the sandbox</b>"; exit 5', /code 5/],
      [3, 'print 6 * 7', /code 0/],
    ] as const) {
      await page.click(`option:nth-child(${option})`);
      await page.fill('textarea', code);
      await page.click('button');
      seen.push(await shows(page, 'output', summary), await page.text('pre'));
    }
  });
  return seen;
};

test(
  'playground.mjs in a browser',
  async (t, box) => {
    const seen = await inBrowser(await playground(box));
    t.same(seen, ['exit code 5', '<b>from the sandbox</b>', 'exit code 0', '42'], 'what a program writes is only text');
  },
  { skip: noBrowser() ?? false },
);
