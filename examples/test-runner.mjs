// A test runner: each test file runs in a container of its own, on a copy of the project, so that no test sees what another wrote.
//   node examples/test-runner.mjs DIRECTORY      (after npm run build); test files are those named *.test.*
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { sandbox } from '../dist/node/sandbox.js';

/** The program for each kind of test file. */
const programs = { '.sh': ['sh'], '.pl': ['perl'], '.awk': ['awk', '-f'] };
const limits = { timeout: 10_000, memory: '256m', cpus: 1, pids: 64 };

function testFiles(directory) {
  return readdirSync(directory, { recursive: true })
    .filter((name) => /\.test\.\w+$/.test(name) && Object.hasOwn(programs, extname(name)))
    .sort();
}

/** Why the test failed; null: it passed. */
function failure({ code, signal, timedOut, oomKilled }) {
  if (timedOut) return 'ran out of time';
  if (oomKilled) return 'ran out of memory';
  return code === 0 ? null : signal === null ? `exit code ${code}` : `killed by ${signal}`;
}

async function runFile(directory, name) {
  const result = await sandbox({ ...limits, command: [...programs[extname(name)], name], files: directory });
  return { name, why: failure(result), wall: result.usage.wall, text: `${result.stdout}${result.stderr}` };
}

/** `workers` at a time; calls `done` with each result. */
async function runAll(directory, workers, done) {
  const names = testFiles(directory);
  const work = async () => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) done(await runFile(directory, name));
  };
  await Promise.all(Array.from({ length: workers }, work));
}

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error('usage: test-runner.mjs DIRECTORY');
  process.exit(2);
}
let [passed, failed] = [0, 0];
await runAll(directory, availableParallelism(), ({ name, why, wall, text }) => {
  if (why === null) passed++;
  else failed++;
  console.log(`${why === null ? 'ok    ' : 'FAILED'} ${name} (${wall.toFixed(0)} ms)`);
  if (why !== null) console.log(`${why}\n${text}`.trimEnd().replace(/^/gm, '       '));
});
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
