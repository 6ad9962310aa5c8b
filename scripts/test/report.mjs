// Parses a test file's TAP output, as tap's own library prints it.

export const none = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(one, other) {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed, skipped: one.skipped + other.skipped };
}

const lastLine = (text) => text.match(/^# \{ total: \d+.*\}$/gm)?.at(-1);

/** Whether the test file ran to its end. */
export const isFinished = (text) => lastLine(text) !== undefined;

/** The line at the end: "# { total: 3, pass: 2, fail: 1 }". A report without it was cut off, which counts as one failure. */
export function readReport(text) {
  const line = lastLine(text);
  const number = (key) => Number(new RegExp(`${key}: (\\d+)`).exec(line ?? '')?.[1] ?? 0);
  const counts = { passed: number('pass'), failed: number('fail'), skipped: number('skip') + number('todo') };
  const complete = line !== undefined && !(counts.failed === 0 && /^not ok/m.test(text));
  return complete ? counts : { ...counts, failed: counts.failed + 1 };
}

/** Of a run of several files, those that failed; null: something else failed, too. */
export function failingFiles(text, files) {
  if (!isFinished(text)) return null;
  const names = [...text.matchAll(/^not ok \d+ - (\S+)/gm)].map(([, name]) => name);
  return names.every((name) => files.includes(name)) ? names : null;
}

/**
 * A file that fails may run once more, alone: among 50,000 assertions on a busy machine, one hiccup is shown, but is no failure.
 * More files than this are no hiccup.
 */
const mostRepeated = 3;

/** The failing files to run once more. */
export const toRepeat = (failing) => (failing.length > mostRepeated ? [] : failing);

/** The line about files that passed then: "1 passed only when repeated"; nothing if there is none. */
export const repeatedLine = (count) => (count === 0 ? '' : `${count} passed only when repeated`);

/** The number in that line. */
export const readRepeated = (text) => Number(/^(\d+) passed only when repeated$/m.exec(text)?.[1] ?? 0);

/** The failing assertions (or steps of an engine's script), each with its details and the case it belongs to. */
export function failures(text) {
  const lines = text.split('\n');
  const shown = lines.flatMap((line, at) => (/^\s*not ok|^  failed /.test(line) ? [line, ...details(lines, at + 1)] : []));
  return shown.length > 0 ? shown.join('\n') : lines.slice(-20).join('\n');
}

/** The YAML block after an assertion, or the indented reason of a step; a case has none of its own. */
function details(lines, from) {
  if (lines[from]?.startsWith('      ') && lines[from - 1].startsWith('  failed ')) return reason(lines, from);
  if (lines[from]?.trim() !== '---') return [];
  const end = lines.findIndex((line, at) => at > from && line.trim() === '...');
  return lines.slice(from, end < 0 ? from : end + 1);
}

function reason(lines, from) {
  const end = lines.findIndex((line, at) => at > from && !line.startsWith('      '));
  return lines.slice(from, end < 0 ? undefined : end);
}
