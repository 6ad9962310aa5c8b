// All faults in all commands:
//   npm run test:faults [-- [--all] [--jobs N] [--document] [--log FILE] [COMMAND|FAULT…]]
// FAULT: part of a name, "host: EIO", "container: kill". All faults that are named are injected into all commands that are. FILE gets
// what the command said to each fault, one JSON object per line.
// --from FILE: injects nothing, but shows the results of all complete sweeps in such a file.
// Without --all and without names: EIO and SIGKILL in the Host, EIO in the container.
// Ends with `N passed, N failed, N skipped`, counting calls. --document: writes the table to docs/reliability.md.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { commands } from './commands.js';
import { readSection, writeSection } from './document.js';
import { type Kind, kindName } from './judgement.js';
import { logTo, rowsOf } from './log.js';
import { findingLines, heading, lineOf, markdown, type Sweep } from './report.js';
import type { Row } from './row.js';
import { sweep } from './sweep.js';

const errnos = { EPERM: 1, EINTR: 4, EIO: 5, ENOMEM: 12, ENOSPC: 28 };

/** The C++ handles EINTR, in each call that can be interrupted. */
const kinds: readonly Kind[] = [
  ...[errnos.EIO, errnos.ENOMEM, errnos.EPERM, 'kill', 'kill-after'].map((how) => ({ layer: 'host', how }) as Kind),
  ...[...Object.values(errnos), 'kill'].map((how) => ({ layer: 'runtime', how }) as Kind),
  ...[...Object.values(errnos), 'kill'].map((how) => ({ layer: 'container', how }) as Kind),
];

/** The commands that make a pocker-init, or wait for one. */
const withInit = ['create', 'start', 'run', 'run --detach', 'exec', 'mounts add'];

/** These find nearly everything, in minutes. */
const usual = ['host: EIO', 'host: kill', 'container: EIO'];

/** "run" is a command, not a part of "runtime". */
const named = (word: string): boolean => commands.some(({ name }) => name === word);

const all: readonly Sweep[] = commands
  .flatMap((command) => kinds.map((kind) => ({ command, kind })))
  .filter(({ command, kind }) => kind.layer !== 'container' || withInit.includes(command.name));

function tasks(words: readonly string[], everything: boolean): Sweep[] {
  const chosen = words.filter(named);
  const faults = words.filter((word) => !named(word));
  return all
    .filter(({ kind }) => everything || words.length > 0 || usual.includes(kindName(kind)))
    .filter(({ command }) => chosen.length === 0 || chosen.includes(command.name))
    .filter(({ kind }) => faults.length === 0 || faults.some((part) => kindName(kind).includes(part)));
}

const { values, positionals } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
    document: { type: 'boolean' },
    log: { type: 'string' },
    from: { type: 'string' },
  },
  allowPositionals: true,
});
const work = tasks(positionals, values.all);
// The results in a file count, whatever this machine lacks.
const skipped = values.from === undefined ? work.filter(({ command: { skip } }) => typeof skip === 'string') : [];
const queue = work.filter((one) => !skipped.includes(one));
const log = logTo(values.log);
const rows: Row[] = values.from === undefined ? [] : rowsOf(values.from, queue.splice(0));

async function worker(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const row = await sweep(next.command, next.kind, log);
    rows.push(row);
    process.stdout.write(`${lineOf(row)}\n${findingLines(row)}`);
  }
}

for (const row of rows) process.stdout.write(`${lineOf(row)}\n${findingLines(row)}`);
for (const { command } of skipped) process.stdout.write(`skipped: ${command.name}: ${String(command.skip)}\n`);
process.stdout.write(`${heading}\n`);
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
const order = new Map(work.map((one, index) => [`${one.command.name} ${kindName(one.kind)}`, index]));
rows.sort((a, b) => order.get(`${a.command} ${kindName(a.kind)}`)! - order.get(`${b.command} ${kindName(b.kind)}`)!);
if (values.document === true) writeSection('faults', markdown(rows, all, readSection('faults')));
const calls = rows.reduce((sum, row) => sum + row.calls, 0);
const wrong = rows.reduce((sum, row) => sum + row.findings.length, 0);
process.stdout.write(`\n${calls - wrong} passed, ${wrong} failed, ${skipped.length} skipped\n`);
process.exitCode = wrong === 0 ? 0 : 1;
