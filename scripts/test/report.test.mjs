import t from 'tap';
import { addCounts, failingFiles, failures, none, readRepeated, readReport, repeatedLine, toRepeat } from './report.mjs';

const good = '# Subtest: a\n    ok 1 - x\n    1..1\nok 1 - a\n1..1\n# { total: 3, pass: 2, skip: 1 }\n# time=3ms\n';
const bad =
  '# Subtest: b\n    not ok 1 - y\n      ---\n      diff: z\n      ...\n    1..1\nnot ok 1 - b\n1..1\n# { total: 1, fail: 1 }\n';

t.test('counts', (t) => {
  t.same(readReport(good), { passed: 2, failed: 0, skipped: 1 });
  t.same(readReport(bad), { passed: 0, failed: 1, skipped: 0 });
  t.same(addCounts(readReport(good), readReport(bad)), { passed: 2, failed: 1, skipped: 1 });
  t.end();
});

t.test('a truncated report has a failure', (t) => {
  t.same(readReport(''), { ...none, failed: 1 });
  t.same(readReport('ok 1 - a\n'), { ...none, failed: 1 });
  t.same(readReport('not ok 1 - a\n# { total: 3, pass: 3 }\n'), { passed: 3, failed: 1, skipped: 0 });
  t.end();
});

t.test('failures with their details', (t) => {
  t.equal(failures(bad), '    not ok 1 - y\n      ---\n      diff: z\n      ...\nnot ok 1 - b');
  t.equal(
    failures('docker  ours\n  failed   run\n      no such\n      program\n  passed   exec\n'),
    '  failed   run\n      no such\n      program',
  );
  t.equal(failures('Error: x\n'), 'Error: x\n');
  t.end();
});

t.test('the files of a run that failed', (t) => {
  const run = `# Subtest: a.test.js\n    not ok 1 - y\nnot ok 1 - a.test.js # time=3ms\nok 2 - b.test.js\n# { total: 3, pass: 2, fail: 1 }\n`;
  t.same(failingFiles(run, ['a.test.js', 'b.test.js']), ['a.test.js']);
  t.same(failingFiles(good, ['a.test.js']), []);
  t.equal(failingFiles(`not ok 3 - timeout!\n${run}`, ['a.test.js', 'b.test.js']), null, 'not only a file');
  t.equal(failingFiles(run.slice(0, -9), ['a.test.js', 'b.test.js']), null, 'it did not get to its end');
  t.end();
});

t.test('a few failing files are repeated', (t) => {
  t.same(toRepeat([]), []);
  t.same(toRepeat(['a', 'b', 'c']), ['a', 'b', 'c']);
  t.same(toRepeat(['a', 'b', 'c', 'd']), [], 'many are not');
  t.equal(readRepeated(`x\n${repeatedLine(2)}\n3 passed, 0 failed, 0 skipped\n`), 2);
  t.equal(repeatedLine(0), '');
  t.equal(readRepeated('3 passed, 0 failed, 0 skipped\n'), 0);
  t.end();
});
