// Makes small mistakes in the code, one at a time, and runs the test that must notice each (mutation-list.mjs). Needs a finished
// build, `npx tsc -p .`, and root for the conformance cases.
//   node scripts/test/mutations.mjs [--write] [--passing] --all|PART…
// Ends with `N caught, N missed`. A file with a mistake in it is restored, and what was built from it is built again; so it is if a signal
// ends the script, and nothing of a test that is cut off stays on the machine.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { subjects } from './mutation-list.mjs';
import { mistakeOf, noticedBy, pageOf, pagePath, readPage } from './mutation-page.mjs';
import { inOwnPlace } from './own-place.mjs';
import { fail, output, root } from '../run.mjs';

const usage = `usage: node scripts/test/mutations.mjs [--write] [--passing] --all|PART…
  PART       only mistakes whose file or test has this in its name
  --all      all of them, which takes hours
  --write    docs/mutations.md says what noticed them
  --passing  the tests are known to pass without a mistake
`;

function read() {
  const flag = { type: 'boolean', default: false };
  try {
    return parseArgs({ options: { all: flag, write: flag, passing: flag, help: flag }, allowPositionals: true });
  } catch (error) {
    return fail(`${error.message}\n${usage}`);
  }
}

const { values: flags, positionals: parts } = read();
if (flags.help) {
  process.stdout.write(usage);
  process.exit(0);
}
if (flags.all === parts.length > 0) fail(usage);
const chosen = subjects
  .flatMap(({ mistakes }) => mistakes)
  .filter(([file, , , test]) => flags.all || parts.some((part) => file.includes(part) || test.includes(part)));
if (chosen.length === 0) fail(`no mistake is about ${parts.join(' or ')}`);
if (output('git', ['diff', '--stat', '--', 'src', 'addon']) !== '') fail('src/ or addon/ has changes: commit them first');

/** The program at work, and the signal that asked us to end. */
let running;
let asked;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    asked ??= signal;
    if (running?.cut) process.kill(-running.pid, 'SIGKILL');
  });

/**
 * Its status, and its output with `capture`. It leads a process group, which a signal to ours does not reach. `cut`: it may be killed
 * halfway.
 */
async function execute(program, args, { capture = false, cut = true, milliseconds = 0, env = process.env } = {}) {
  if (cut && asked !== undefined) return { status: null, signal: asked, stdout: '' };
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', capture ? 'pipe' : 'ignore', 'ignore'],
    detached: true,
    env,
  });
  running = { pid: child.pid, cut };
  const timer = milliseconds > 0 ? setTimeout(() => process.kill(-child.pid, 'SIGKILL'), milliseconds) : undefined;
  const parts = [];
  child.stdout?.setEncoding('utf8').on('data', (part) => parts.push(part));
  const [status, signal] = await new Promise((done) => {
    child.once('exit', (...how) => done(how));
    child.once('error', () => done([127, null]));
  });
  clearTimeout(timer);
  running = undefined;
  return { status, signal, stdout: parts.join('') };
}

const succeeds = async (program, args, options) => (await execute(program, args, options)).status === 0;
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
async function make(file, test, options) {
  if (isUnit(test) && !isCpp(file)) return transpile(file);
  return (await succeeds('node', ['scripts/bundle.mjs'], options)) && succeeds('ninja', ['-C', 'build/native'], options);
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
async function failureOf(test) {
  const { status, signal, stdout } = await inOwnPlace((place) =>
    execute('node', [join(root, 'build/js', `${test}.test.js`)], {
      capture: true,
      milliseconds: 600_000,
      env: { ...process.env, RUNTIME: join(root, 'dist/pocker-runc'), TAP_BAIL: '1', TMPDIR: place },
    }),
  );
  if (asked !== undefined) throw new Error(`ended by ${asked}`);
  if (status === 0) return undefined;
  const failure = firstFailure(stdout);
  if (failure === undefined) throw new Error(`${test} ends with ${status ?? signal}, but no assertion has failed:\n${stdout}`);
  return failure;
}

/** What notices the mistake; undefined: nothing. */
async function noticed([file, from, to, test]) {
  const path = join(root, file);
  const code = readFileSync(path, 'utf8');
  if (code.split(from).length !== 2) fail(`${file}: must be there exactly once: ${from}`);
  try {
    writeFileSync(
      path,
      code.replace(from, () => to),
    );
    if (!(await make(file, test)) && asked === undefined)
      throw new Error(`${file}: does not compile, so it is no mistake for a test: ${from}`);
    return await failureOf(test);
  } finally {
    writeFileSync(path, code);
    await make(file, test, { cut: false });
  }
}

/** Tests that fail without any mistake; each file is built in the same way, so that it is the mistake that a test notices. */
async function alreadyFailing() {
  for (const [file, , , test] of chosen) if (isUnit(test) && !isCpp(file)) transpile(file);
  const failing = [];
  for (const test of flags.passing ? [] : new Set(chosen.map(([, , , name]) => name)))
    if ((await failureOf(test)) !== undefined) failing.push(test);
  return failing;
}

async function makeAll() {
  const broken = await alreadyFailing();
  if (broken.length > 0) fail(`these fail without any mistake: ${broken.join(', ')}`);
  const results = readPage();
  let missed = 0;
  for (const mistake of chosen) {
    const failure = await noticed(mistake);
    if (failure === undefined) {
      missed += 1;
      results.delete(mistakeOf(mistake));
    } else {
      results.set(mistakeOf(mistake), noticedBy(mistake[3], failure));
    }
    process.stdout.write(`${failure === undefined ? 'MISSED' : 'caught'}  ${mistakeOf(mistake)}  (${mistake[3]}: ${failure})\n`);
    if (flags.write) writeFileSync(pagePath, pageOf(results));
  }
  process.stdout.write(`${chosen.length - missed} caught, ${missed} missed\n`);
  return missed === 0 ? 0 : 1;
}

try {
  process.exitCode = await makeAll();
} catch (error) {
  fail(asked === undefined ? error.stack : `${error.message}; what had a mistake in it is restored`);
}
