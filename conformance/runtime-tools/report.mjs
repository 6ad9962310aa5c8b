// Prints the results: one row per program, the problems, the totals.

const columns = [
  ['program', (row) => row.name],
  ['passed', (row) => row.passed],
  ['failed', (row) => row.failed],
  ['expected', (row) => row.explained.length],
  ['skipped', (row) => row.skipped],
  ['best peer', (row) => (row.peer === null ? '-' : row.peer.passed)],
  ['seconds', (row) => row.seconds.toFixed(1)],
  ['', (row) => (row.problems.length === 0 ? '' : 'FAILED')],
];

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);

/** The table as text; numbers flush right. */
export function formatTable(rows) {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, value]) => String(value(row))))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index].length)));
  const format = (row) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index])))
      .join('  ')
      .trimEnd();
  return cells.map(format).join('\n');
}

/** Every problem, with its program. */
export function formatProblems(rows) {
  return rows.flatMap((row) => row.problems.map((problem) => `${row.name}: ${problem}`)).join('\n');
}

/** Totals of all programs: `failed` counts what expected.json does not explain; lines that it explains are counted separately. */
export function totals(rows) {
  const problems = rows.reduce((total, row) => total + row.problems.length, 0);
  return {
    passed: sum(rows, 'passed'),
    failed: problems,
    skipped: sum(rows, 'skipped'),
    expectedFailures: rows.flatMap((row) => row.explained).length,
  };
}
