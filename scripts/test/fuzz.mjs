// Runs libFuzzer, with ASan and UBSan, on the readers of untrusted bytes (addon/fuzz/):
//   node scripts/test/fuzz.mjs [SECONDS] [TARGET…]     SECONDS for each (default: 60); findings are in build/fuzz/
//   node scripts/test/fuzz.mjs --together SECONDS      SECONDS for all targets together, always from the same seed: a test of the corpus
// Ends with `N passed, N failed, N skipped`, counting targets.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { collected, find, output, root } from '../run.mjs';

const together = process.argv[2] === '--together';
const [first = '60', ...chosen] = process.argv.slice(together ? 3 : 2);
const folder = join(root, 'addon/fuzz');
const out = join(root, 'build/fuzz');
const targets = readdirSync(folder)
  .filter((file) => file.endsWith('.cpp'))
  .map((file) => file.slice(0, -'.cpp'.length))
  .filter((name) => chosen.length === 0 || chosen.includes(name));
const seconds = together ? Math.ceil(Number(first) / targets.length) : Number(first);
const compiler = ['clang++', 'clang++-19', 'clang++-16', 'clang++-14'].find((name) => find(name) !== undefined);

/** All C++ files below a folder of addon/. */
const sourcesIn = (name) =>
  readdirSync(join(root, 'addon', name), { recursive: true })
    .filter((file) => file.endsWith('.cpp'))
    .map((file) => join(root, 'addon', name, file));

function sourcesBeside(target) {
  // What a target includes becomes part of it; from pocker-init, this is everything without a C library of its own.
  const isIncluded = (path) => ['main.cpp', 'home.cpp', 'entry.cpp'].includes(basename(path));
  if (target === 'passwd') return sourcesIn('init').filter((path) => !isIncluded(path));
  if (target === 'plan') return [];
  // All methods of the Host.
  if (target === 'arguments') return sourcesIn('host');
  const own = { messages: 'channel.cpp', netlink: 'netlink.cpp', notify: 'notify.cpp' }[target];
  const shared = ['child.cpp', 'environment.cpp', 'signals.cpp'];
  return sourcesIn('host').filter((path) => shared.includes(basename(path)) && basename(path) !== own);
}

/** Runs it to its end; its output is shown then, because another target may be at work beside it. */
async function run(title, program, args) {
  const result = await collected(program, args);
  process.stdout.write(`==== ${title}\n${result.text}`);
  return result;
}

function build(target) {
  const program = join(out, target);
  const flags = ['-std=c++20', '-g', '-O1', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=undefined'];
  const sections = ['-ffunction-sections', '-fdata-sections', '-Wl,--gc-sections', '-DFLATBUFFERS_ASSERT=static_cast<void>'];
  const libraries = target === 'arguments' ? ['-lseccomp'] : [];
  const sources = [join(folder, `${target}.cpp`), ...sourcesBeside(target)];
  return run(`${target}: build`, compiler, [...flags, ...sections, `-I${out}`, '-o', program, ...sources, ...libraries]);
}

/** It starts from the repository's corpus; additions are kept in build/. */
async function fuzz(target) {
  const corpus = join(out, 'corpus', target);
  mkdirSync(corpus, { recursive: true });
  const seeds = join(folder, 'corpus', target);
  if (existsSync(seeds)) cpSync(seeds, corpus, { recursive: true });
  const built = await build(target);
  if (!built.ok) return built;
  const flags = [`-max_total_time=${seconds}`, `-artifact_prefix=${out}/${target}-`, '-print_final_stats=1', '-print_funcs=0'];
  if (together) flags.push('-seed=1');
  return run(`${target}, ${seconds} s`, join(out, target), [...flags, '-verbosity=0', corpus]);
}

/** What the compiler or a sanitizer said, and the input that it is about. */
function finding(text) {
  const lines = text.trimEnd().split('\n');
  const first = lines.findIndex((line) => /error:|ERROR:/.test(line));
  const input = /Test unit written to (.+)/.exec(text)?.[1];
  const bytes = input === undefined ? [] : [`${basename(input)} in base64: ${readFileSync(input, 'base64')}`];
  return [...(first < 0 ? lines.slice(-10) : lines.slice(first, first + 30)), ...bytes];
}

/** As many at once as there are CPUs; returns what the failing ones said. */
async function fuzzAll() {
  const failed = [];
  const rest = [...targets];
  const work = async () => {
    for (let target = rest.shift(); target !== undefined; target = rest.shift()) {
      const { ok, text } = await fuzz(target);
      if (!ok) failed.push([`  failed   ${target}`, ...finding(text).map((line) => `      ${line}`)].join('\n'));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return failed;
}

if (compiler === undefined) {
  process.stdout.write(`clang++ is not installed\n\n0 passed, 0 failed, ${targets.length} skipped\n`);
} else {
  mkdirSync(out, { recursive: true });
  output('flatc', ['--cpp', '--gen-object-api', '-o', out, join(root, 'schema/plan.fbs')]);
  const failed = await fuzzAll();
  process.stdout.write(`\n${failed.join('\n')}\n${targets.length - failed.length} passed, ${failed.length} failed, 0 skipped\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
