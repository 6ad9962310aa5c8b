// The list of mistakes fits the code, and docs/mutations.md fits the list: otherwise nobody notices until somebody makes them all.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../run.mjs';
import { subjects } from './mutation-list.mjs';
import { mistakeOf, pageOf, pagePath, readPage } from './mutation-page.mjs';

const mistakes = subjects.flatMap((subject) => subject.mistakes);

t.test('each mistake can be made in one place, and its test exists', (t) => {
  for (const [file, from, to, test] of mistakes) {
    t.equal(readFileSync(join(root, file), 'utf8').split(from).length - 1, 1, `${file}: ${from}`);
    t.not(from, to);
    t.ok(existsSync(join(root, `${test}.test.ts`)), test);
  }
  t.end();
});

t.test('docs/mutations.md is generated from the list: node scripts/test/mutations.mjs --write PART', (t) => {
  const seen = readPage();
  t.same(
    mistakes.map(mistakeOf).filter((mistake) => !seen.has(mistake)),
    [],
    'each has been made',
  );
  t.equal(readFileSync(pagePath, 'utf8'), pageOf(seen));
  t.end();
});
