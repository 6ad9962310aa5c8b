import t from 'tap';
import { matches, parseFilters, passes, passesLabels } from '../../flags/filters.js';
import { rowsText } from './show-rows.js';

const listing = {
  headings: { ID: 'CONTAINER ID', Names: 'NAMES', Image: 'IMAGE' },
  columns: ['ID', 'Image', 'Names'],
  quiet: 'ID',
  rows: [
    { Names: 'one', ID: 'abc', Image: 'busybox', Label: (name: unknown) => (name === 'com.example/a-b' ? 'x' : '') },
    { Names: 'two', ID: 'def', Image: 'an-image-with-a-long-name', Label: () => '' },
  ],
};

t.test('forms of a listing', (t) => {
  t.equal(
    rowsText({}, listing),
    'CONTAINER ID   IMAGE                       NAMES\n' +
      'abc            busybox                     one\n' +
      'def            an-image-with-a-long-name   two\n',
  );
  t.equal(rowsText({ quiet: true }, listing), 'abc\ndef\n');
  t.equal(rowsText({ format: '{{.ID}}\\t{{.Names}}' }, listing), 'abc\tone\ndef\ttwo\n');
  t.equal(rowsText({ format: '{{.ID}}', quiet: true }, listing), 'abc\ndef\n');
  t.equal(
    rowsText({ format: 'table {{.Names}}\\t{{.Label "com.example/a-b"}}' }, listing),
    'NAMES     a b\none       x\ntwo       \n',
  );
  t.equal(
    rowsText({ format: 'json' }, listing).split('\n')[0],
    '{"ID":"abc","Image":"busybox","Names":"one"}',
    'by the names of fields, as Go sorts them',
  );
  t.equal(rowsText({}, { ...listing, rows: [] }), 'CONTAINER ID   IMAGE     NAMES\n');
  t.equal(rowsText({ format: 'table {{.Names}}' }, { ...listing, rows: [] }), 'NAMES\n');
  t.end();
});

t.test('a table fits the terminal', (t) => {
  for (const line of rowsText({}, listing, 42).trimEnd().split('\n')) t.ok(line.length <= 42, line);
  t.match(rowsText({}, listing, 42), /an-image-with-a-lo…/);
  t.end();
});

t.test('filters', (t) => {
  const filters = parseFilters({ filter: ['name=a', 'name=b', 'label=x', 'label=y=1'] }, ['name', 'label']);
  t.ok(passes(filters, 'name', (value) => value === 'b'));
  t.notOk(passes(filters, 'name', (value) => value === 'c'));
  t.ok(passes(filters, 'id', () => false));
  t.ok(passesLabels(filters, { x: '', y: '1' }));
  t.notOk(passesLabels(filters, { x: '', y: '2' }));
  t.ok(matches('web-1', '^web'));
  t.throws(() => parseFilters({ filter: ['name'] }, ['name']), { message: /invalid filter 'name'/ });
  t.throws(() => parseFilters({ filter: ['nope=1'] }, ['name']), { message: "invalid filter 'nope'" });
  t.end();
});
