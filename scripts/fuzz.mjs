// Runs libFuzzer, with ASan and UBSan, on the readers of untrusted bytes (addon/fuzz/):
//   node scripts/fuzz.mjs [SECONDS] [TARGET…]     SECONDS for each (default: 60); findings are in build/fuzz/
// Ends with `N passed, N failed, N skipped`, counting targets.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { find, output, root, run } from './run.mjs';

const [first = '60', ...chosen] = process.argv.slice(2);
const folder = join(root, 'addon/fuzz');
const out = join(root, 'build/fuzz');
const targets = readdirSync(folder)
  .filter((file) => file.endsWith('.cpp'))
  .map((file) => file.slice(0, -'.cpp'.length))
  .filter((name) => chosen.length === 0 || chosen.includes(name));
const compiler = ['clang++', 'clang++-19', 'clang++-16', 'clang++-14'].find((name) => find(name) !== undefined);

function sourcesBeside(target) {
  // What a target includes becomes part of it; from pocker-init, this is everything without a C library of its own.
  if (target === 'passwd')
    return readdirSync(join(root, 'addon/init'))
      .filter((file) => file.endsWith('.cpp') && !['main.cpp', 'program.cpp', 'start.cpp'].includes(file))
      .map((file) => join(root, 'addon/init', file));
  if (target === 'plan') return [];
  const own = { messages: 'channel.cpp', netlink: 'netlink.cpp', notify: 'notify.cpp' }[target];
  return ['child.cpp', 'environment.cpp', 'signals.cpp', own]
    .filter((file) => file !== own && existsSync(join(root, 'addon/host', file)))
    .map((file) => join(root, 'addon/host', file));
}

function build(target) {
  const program = join(out, target);
  const flags = ['-std=c++20', '-g', '-O1', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=undefined'];
  const sections = ['-ffunction-sections', '-fdata-sections', '-Wl,--gc-sections', '-DFLATBUFFERS_ASSERT=static_cast<void>'];
  run(compiler, [...flags, ...sections, `-I${out}`, '-o', program, join(folder, `${target}.cpp`), ...sourcesBeside(target)]);
  return program;
}

/** Whether it found nothing. It starts from the repository's corpus; additions are kept in build/. */
function fuzz(target) {
  const corpus = join(out, 'corpus', target);
  mkdirSync(corpus, { recursive: true });
  const seeds = join(folder, 'corpus', target);
  if (existsSync(seeds)) cpSync(seeds, corpus, { recursive: true });
  const words = [
    `-max_total_time=${first}`,
    `-artifact_prefix=${out}/${target}-`,
    '-print_final_stats=1',
    '-verbosity=0',
    corpus,
  ];
  process.stdout.write(`==== ${target}, ${first} s\n`);
  return spawnSync(build(target), words, { stdio: 'inherit' }).status === 0;
}

if (compiler === undefined) {
  process.stdout.write(`clang++ is not installed\n\n0 passed, 0 failed, ${targets.length} skipped\n`);
} else {
  mkdirSync(out, { recursive: true });
  output('flatc', ['--cpp', '--gen-object-api', '-o', out, join(root, 'schema/plan.fbs')]);
  const failed = targets.filter((target) => !fuzz(target));
  process.stdout.write(`\n${targets.length - failed.length} passed, ${failed.length} failed, 0 skipped\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
