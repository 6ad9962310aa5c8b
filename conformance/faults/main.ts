// All faults in all commands:
//   npm run test:faults [-- [--all] [--jobs N] [--document] [COMMAND|FAULT…]]     FAULT: part of a name, "host: EIO", "container: kill"
// Without --all and without names: EIO and SIGKILL in the Host, EIO in the container.
// Ends with `N passed, N failed, N skipped`, counting calls. --document: writes the table to docs/reliability.md.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type FaultyCommand, commands } from './commands.js';
import { writeSection } from './document.js';
import { type Kind, kindName } from './judgement.js';
import { findingLines, heading, lineOf, markdown } from './report.js';
import { type Row, sweep } from './sweep.js';

const errnos = { EPERM: 1, EINTR: 4, EIO: 5, ENOMEM: 12, ENOSPC: 28 };

/** The C++ handles EINTR, in each call that can be interrupted. */
const kinds: readonly Kind[] = [
  ...[errnos.EIO, errnos.ENOMEM, errnos.EPERM, 'kill', 'kill-after'].map((how) => ({ layer: 'host', how }) as Kind),
  ...[...Object.values(errnos), 'kill'].map((how) => ({ layer: 'runtime', how }) as Kind),
  ...[...Object.values(errnos), 'kill'].map((how) => ({ layer: 'container', how }) as Kind),
];

/** For system calls: the commands that make processes, and the one that ends them. */
const bySystemCalls = ['create', 'start', 'run', 'exec', 'delete --force'];

interface Task {
  readonly command: FaultyCommand;
  readonly kind: Kind;
}

/** These find nearly everything, in minutes. */
const usual = ['host: EIO', 'host: kill', 'container: EIO'];

function tasks(words: readonly string[], everything: boolean): Task[] {
  const all = commands.flatMap((command) => kinds.map((kind) => ({ command, kind })));
  return all
    .filter(({ command, kind }) => kind.layer === 'host' || bySystemCalls.includes(command.name))
    .filter(({ command, kind }) => kind.layer !== 'container' || command.name !== 'delete --force')
    .filter(({ kind }) => everything || words.length > 0 || usual.includes(kindName(kind)))
    .filter(({ command, kind }) => words.every((word) => command.name === word || kindName(kind).includes(word)));
}

const { values, positionals } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
    document: { type: 'boolean' },
  },
  allowPositionals: true,
});
const work = tasks(positionals, values.all);
const skipped = work.filter(({ command: { skip } }) => typeof skip === 'string');
const queue = work.filter((one) => !skipped.includes(one));
const rows: Row[] = [];

async function worker(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const row = await sweep(next.command, next.kind);
    rows.push(row);
    process.stdout.write(`${lineOf(row)}\n${findingLines(row)}`);
  }
}

for (const { command } of skipped) process.stdout.write(`skipped: ${command.name}: ${String(command.skip)}\n`);
process.stdout.write(`${heading}\n`);
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
const order = new Map(work.map((one, index) => [`${one.command.name} ${kindName(one.kind)}`, index]));
rows.sort((a, b) => order.get(`${a.command} ${kindName(a.kind)}`)! - order.get(`${b.command} ${kindName(b.kind)}`)!);
if (values.document === true) writeSection('faults', markdown(rows));
const calls = rows.reduce((sum, row) => sum + row.calls, 0);
const wrong = rows.reduce((sum, row) => sum + row.findings.length, 0);
process.stdout.write(`\n${calls - wrong} passed, ${wrong} failed, ${skipped.length} skipped\n`);
process.exitCode = wrong === 0 ? 0 : 1;
