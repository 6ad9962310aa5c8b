// Makes small mistakes in the code, one at a time, and runs the test that must notice each (mutation-list.mjs). Needs a finished
// build, `npx tsc -p .`, and root for the conformance cases.
//   node scripts/test/mutations.mjs [--write] [--passing] [PART…]
// PART: only those whose file or test has one of these in its name. --write: docs/mutations.md says what noticed them.
// --passing: the tests are known to pass without a mistake.
// Ends with `N caught, N missed`. A file with a mistake in it is restored, and what was built from it is built again.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { subjects } from './mutation-list.mjs';
import { mistakeOf, noticedBy, pageOf, pagePath, readPage } from './mutation-page.mjs';
import { fail, output, root } from '../run.mjs';

const words = process.argv.slice(2);
const parts = words.filter((word) => !word.startsWith('--'));
const chosen = subjects
  .flatMap(({ mistakes }) => mistakes)
  .filter(([file, , , test]) => parts.length === 0 || parts.some((part) => file.includes(part) || test.includes(part)));
if (output('git', ['diff', '--stat', '--', 'src', 'addon']) !== '') fail('src/ or addon/ has changes: commit them first');

const succeeds = (program, args) => spawnSync(program, args, { cwd: root, stdio: 'ignore' }).status === 0;
const isUnit = (test) => test.startsWith('src/');
const isCpp = (file) => file.endsWith('.cpp');

/** A unit test imports one file's JavaScript. */
function transpile(file) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, module: 'esnext' }, root);
  const { outputText } = ts.transpileModule(readFileSync(join(root, file), 'utf8'), { compilerOptions: options, fileName: file });
  writeFileSync(join(root, 'build/js', file.replace(/ts$/, 'js')), outputText);
  return true;
}

/** False if the compiler refuses it. */
function make(file, test) {
  if (isUnit(test) && !isCpp(file)) return transpile(file);
  return succeeds('node', ['scripts/bundle.mjs']) && succeeds('ninja', ['-C', 'build/native']);
}

/** The titles of the subtests around the first assertion that fails in a TAP stream, or the assertion's own name if there are none. */
function firstFailure(text) {
  const titles = [];
  for (const line of text.split('\n')) {
    const [, indent, title] = /^( *)# Subtest: (.*)$/.exec(line) ?? [];
    if (indent !== undefined) titles.splice(indent.length / 4, Infinity, title);
    const [, depth, name] = /^( *)not ok \d+ - (?!.*# (?:SKIP|TODO))(.*?)(?: # time=\S+)?$/.exec(line) ?? [];
    if (depth !== undefined) return titles.slice(0, depth.length / 4).join(' › ') || name;
  }
  return undefined;
}

/** What fails; undefined: the test passes. It stops at the first failure, which is enough. */
function failureOf(test) {
  const { status, signal, stdout } = spawnSync('node', [join(root, 'build/js', `${test}.test.js`)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: 600_000,
    env: { ...process.env, RUNTIME: join(root, 'dist/pocker-runc'), TAP_BAIL: '1' },
  });
  if (status === 0) return undefined;
  const failure = firstFailure(stdout);
  if (failure === undefined) throw new Error(`${test} ends with ${status ?? signal}, but no assertion has failed:\n${stdout}`);
  return failure;
}

/** What notices the mistake; undefined: nothing. */
function noticed([file, from, to, test]) {
  const path = join(root, file);
  const code = readFileSync(path, 'utf8');
  if (code.split(from).length !== 2) fail(`${file}: must be there exactly once: ${from}`);
  try {
    writeFileSync(
      path,
      code.replace(from, () => to),
    );
    if (!make(file, test)) throw new Error(`${file}: does not compile, so it is no mistake for a test: ${from}`);
    return failureOf(test);
  } finally {
    writeFileSync(path, code);
    make(file, test);
  }
}

const tests = words.includes('--passing') ? [] : [...new Set(chosen.map(([, , , test]) => test))];
// Built in the same way, so that it is the mistake that a test notices.
for (const [file, , , test] of chosen) if (isUnit(test) && !isCpp(file)) transpile(file);
const broken = tests.filter((test) => failureOf(test) !== undefined);
if (broken.length > 0) fail(`these fail without any mistake: ${broken.join(', ')}`);

const results = readPage();
let missed = 0;
for (const mistake of chosen) {
  const failure = noticed(mistake);
  if (failure === undefined) {
    missed += 1;
    results.delete(mistakeOf(mistake));
  } else {
    results.set(mistakeOf(mistake), noticedBy(mistake[3], failure));
  }
  process.stdout.write(`${failure === undefined ? 'MISSED' : 'caught'}  ${mistakeOf(mistake)}  (${mistake[3]}: ${failure})\n`);
  if (words.includes('--write')) writeFileSync(pagePath, pageOf(results));
}
process.stdout.write(`${chosen.length - missed} caught, ${missed} missed\n`);
process.exitCode = missed === 0 ? 0 : 1;
