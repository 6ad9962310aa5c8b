// Parses the TAP that a program prints into a flat list of lines, including nested TAP.

const testLine = /^(not )?ok\b(?: +(\d+))?(?: *-)? ?(.*)$/;
const directive = /^(.*?)\s*#\s*(SKIP|TODO)\b\s*(.*)$/i;

/** One test line: {ok, kind: 'test'|'skip'|'todo', description, nested: lines[], detail: object|null, orphan: boolean}. */
function readTest(match) {
  const marked = directive.exec(match[3]);
  const description = marked === null ? match[3] : `${marked[1]} ${marked[3]}`;
  const kind = marked === null ? 'test' : marked[2].toLowerCase();
  return { ok: match[1] === undefined, kind, description: description.trim(), nested: [], detail: null, orphan: false };
}

function parseDetail(text) {
  try {
    return JSON.parse(text); // The suite's "YAML" blocks are JSON, except a few real YAML ones that contain nothing we need.
  } catch {
    return null;
  }
}

/** Splits TAP text into items {test} | {detail} in order; anything else (plan, comments, noise) is dropped. */
function items(text) {
  const found = [];
  let block = null;
  for (const line of text.split('\n')) {
    if (block !== null) {
      if (line.trim() === '...') {
        found.push({ detail: parseDetail(block.join('\n')) });
        block = null;
      } else block.push(line);
    } else if (line.trim() === '---') block = [];
    else {
      const match = testLine.exec(line);
      if (match !== null) found.push({ test: readTest(match) });
    }
  }
  return found;
}

/**
 * Reads TAP text.
 *
 * The suite has two habits that matter. A program that runs runtimetest inside the container prints that TAP as `stdout` in a
 * block *before* the line that sums it up. And some programs (hooks, poststart, …) have no test line: they report a failure as
 * a block with `error` that belongs to no line; such an orphan is returned as a failing line.
 */
export function parseTap(text) {
  const lines = [];
  let waiting = null; // A block with nested TAP, waiting for its line.
  let previous = null;
  for (const { test, detail } of items(text)) {
    if (test !== undefined) {
      if (waiting !== null) test.nested = parseTap(waiting).lines;
      waiting = null;
      lines.push(test);
      previous = test;
      continue;
    }
    if (typeof detail?.stdout === 'string') waiting = detail.stdout;
    else if (previous !== null) previous.detail = detail;
    else if (typeof detail?.error === 'string') {
      const description = detail.error.split('\n')[0];
      lines.push({ ok: false, kind: 'test', description, nested: [], detail, orphan: true });
    }
    previous = null;
  }
  return { isTap: /^TAP version|^1\.\.\d+/m.test(text), lines };
}
