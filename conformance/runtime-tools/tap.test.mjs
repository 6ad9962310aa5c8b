// The TAP parser, on the formats that the suite's programs print.
import t from 'tap';
import { parseTap } from './tap.mjs';

const plain = [
  'TAP version 13',
  'ok 1 - first',
  'not ok 2 - second',
  'ok 3 # SKIP not here',
  'not ok 4 # TODO later',
  '1..4',
  '',
].join('\n');

t.test('plain lines', async (t) => {
  const { isTap, lines } = parseTap(plain);
  t.equal(isTap, true);
  t.strictSame(
    lines.map(({ ok, kind, description }) => ({ ok, kind, description })),
    [
      { ok: true, kind: 'test', description: 'first' },
      { ok: false, kind: 'test', description: 'second' },
      { ok: true, kind: 'skip', description: 'not here' },
      { ok: false, kind: 'todo', description: 'later' },
    ],
  );
});

t.test('TAP inside the container belongs to the line after it', async (t) => {
  const block = JSON.stringify({ stderr: '', stdout: plain }, null, 2);
  const { lines } = parseTap(`TAP version 13\n  ---\n${block}\n  ...\nok 1 - outer\n1..1\n`);
  t.equal(lines.length, 1);
  t.strictSame(
    lines[0].nested.map((line) => line.description),
    ['first', 'second', 'not here', 'later'],
  );
});

t.test('an error without a line is a failing line, one after a line is its detail', async (t) => {
  const block = '  ---\n  {\n    "error": "Hooks MUST be called\\nRefer to: x"\n  }\n  ...\n';
  const orphan = parseTap(`TAP version 13\n${block}1..0\n`).lines;
  t.match(orphan, [{ ok: false, description: 'Hooks MUST be called', orphan: true }]);
  const attached = parseTap(`TAP version 13\nnot ok 1 - create\n${block}1..1\n`).lines;
  t.match(attached, [{ ok: false, description: 'create', detail: { error: /^Hooks/ } }]);
  t.equal(attached.length, 1);
});

t.test('text that is not TAP', async (t) => {
  t.strictSame(parseTap('ok then\n'), {
    isTap: false,
    lines: [{ ok: true, kind: 'test', description: 'then', nested: [], detail: null, orphan: false }],
  });
  t.strictSame(parseTap(''), { isTap: false, lines: [] });
});
