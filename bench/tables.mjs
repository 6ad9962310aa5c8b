// Figures as tables: { title, rows }; the first row is the head.
import { operations } from './measure.mjs';

const bracketed = ({ median, low, high }) => `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;

const cells = {
  ms: bracketed,
  cpu: bracketed,
  faults: ({ median }) => String(median),
  kib: ({ median }) => (median / 1024).toFixed(1),
};

const titles = {
  ms: 'Wall time, ms',
  cpu: 'CPU time, ms',
  faults: 'Page faults',
  kib: 'Peak memory of a process, MiB',
};

/** Each runtime's figure for each operation, with the others' ratio to ours. */
function compared(operation, { figures, names }, key) {
  const [ours] = names;
  return names.map((name) => {
    const one = figures[name][operation][key];
    const times = (one.median / figures[ours][operation][key].median).toFixed(2);
    return cells[key](one) + (name === ours ? '' : ` ×${times}`);
  });
}

function table(known, measured, key) {
  return [[titles[key], ...measured.names], ...known.map((what) => [what, ...compared(what, measured, key)])];
}

const knownOf = ({ figures, names }) => operations.filter((what) => figures[names[0]][what] !== undefined);

/** For the commands with one config. If emulated, only CPU times and what does not depend on speed are meaningful. */
export function commandTables(measured, emulated) {
  return (emulated ? ['cpu', 'faults', 'kib'] : ['ms', 'cpu', 'faults', 'kib']).map((key) =>
    table(knownOf(measured), measured, key),
  );
}

export function crowdTables(measured) {
  const known = Object.keys(measured.figures[measured.names[0]]);
  return ['ms', 'cpu'].map((key) => table(known, measured, key));
}

export function memoryTable(memory) {
  const names = Object.keys(memory);
  return [
    ['KiB', ...names],
    [
      'smallest memory limit of `run true`',
      ...names.map((name) => (memory[name] === null ? 'above 65536' : String(memory[name]))),
    ],
  ];
}

/** Each way to run a program from Node; the ratio is to the command `run`. */
export function libraryTable(ways) {
  const [first] = Object.values(ways);
  const rows = Object.entries(ways).map(([name, one]) => [name, `${bracketed(one)} ×${(one.median / first.median).toFixed(2)}`]);
  return [[titles.ms, 'from a Node program'], ...rows];
}

/** The ratio of each command's time to its usual time. */
export function growthTables({ figures: usual }, { figures, names }) {
  return ['ms', 'cpu'].map((key) => [
    [`${titles[key].replace(', ms', '')}, times the usual`, ...names],
    ...knownOf({ figures, names }).map((what) => [
      what,
      ...names.map((name) => `×${(figures[name][what][key].median / usual[name][what][key].median).toFixed(2)}`),
    ]),
  ]);
}

export function plain(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const padded = (row) => row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column])));
  return `${rows.map((row) => padded(row).join('  ')).join('\n')}\n`;
}

export function markdown(rows) {
  const [head, ...body] = rows.map((row) => `| ${row.join(' | ')} |`);
  return [head, `| --- |${' ---: |'.repeat(rows[0].length - 1)}`, ...body].join('\n');
}
