import { listStatus, type ContainerStatus } from '../../runtime/state.js';
import { printable } from '../../json/quote.js';
import type { Invocation } from '../invocation.js';

/** Columns as Go's tabwriter sets them for runc: at least 12 wide and 3 apart, including the last one. */
function table(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.map((_, index) => Math.max(12, ...rows.map((row) => (row[index] ?? '').length + 3))) ?? [];
  return rows
    .map((row) => `${row.map((cell, index) => (index < row.length - 1 ? cell.padEnd(columns[index] ?? 0) : cell)).join('')}\n`)
    .join('');
}

const cells = ({ id, pid, status, bundle, created, owner }: ContainerStatus): string[] => [
  id,
  String(pid),
  status,
  printable(bundle),
  created,
  owner,
];

export function run({ host, globals, log, values }: Invocation): number {
  const found = listStatus(host, { root: globals.root, rootGiven: globals.rootGiven, warn: (text) => log.warn(text) });
  if (values['quiet'] === true) host.write(1, found.map(({ id }) => `${id}\n`).join(''));
  else if (values['format'] === 'json') host.write(1, `${JSON.stringify(found)}\n`);
  else host.write(1, table([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...found.map(cells)]));
  return 0;
}
