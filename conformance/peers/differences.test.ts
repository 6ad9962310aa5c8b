// The table of reasons, the document made from it, and how it is applied.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../harness/runtime.js';
import { compare, concerns, Judge, matches } from './compare.js';
import { type Difference, on } from './difference.js';
import { chapters } from './differences.js';
import { documentOf } from './document.js';
import { tables } from './tables/index.js';

t.test('docs/differences.md is generated from the table: npm run test:peers -- --document', (t) => {
  t.equal(readFileSync(join(projectRoot, 'docs/differences.md'), 'utf8'), documentOf(chapters));
  t.end();
});

t.test('every case has its own name, and every entry is about some of them', (t) => {
  const names = tables.flat().map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  for (const { cases, facts } of chapters.flatMap(({ differences }) => differences).flatMap(({ where }) => where))
    t.ok(
      names.some((name) => matches(cases, name)),
      `${cases} · ${facts}`,
    );
  t.end();
});

t.test('patterns', (t) => {
  t.ok(matches('a/* b|c', 'a/x b'));
  t.ok(matches('a/* b|c', 'c'));
  t.notOk(matches('a/*', 'b/a/x'));
  t.ok(matches('exit (run)', 'exit (run)'), 'only "*" and "|" mean something');
  t.ok(concerns(on('runc', '*', '*'), 'runc 1.5'));
  t.notOk(concerns(on('runc 1.1', '*', '*'), 'runc 1.5'));
  t.end();
});

const outcome = (facts: Record<string, string>) => ({ facts: new Map(Object.entries(facts)), messages: '' });

t.test('what a probe saw counts if both got that far', (t) => {
  const ours = outcome({ 'exit run': '0', cwd: '/', probed: 'yes' });
  t.same(
    compare('a/b', 'runc 1.5', ours, outcome({ 'exit run': '1' })).map(({ fact }) => fact),
    ['exit run'],
  );
  t.same(
    compare('a/b', 'runc 1.5', ours, outcome({ 'exit run': '0', cwd: '/tmp', probed: 'yes' })).map(({ fact }) => fact),
    ['cwd'],
  );
  t.end();
});

t.test('a finding needs its reason, and a reason its finding', (t) => {
  const difference: Difference = {
    what: 'w',
    why: 'y',
    where: [on('runc', 'a/*', 'cwd', { ours: '/' }), on('runc', 'a/*', 'env *')],
  };
  const judge = new Judge([difference]);
  const finding = { name: 'a/b', peer: 'runc 1.5', fact: 'cwd', ours: '/', theirs: '/tmp' };
  t.equal(judge.explain(finding).reason, difference);
  t.equal(judge.explain({ ...finding, ours: '/x' }).reason, undefined);
  t.equal(judge.explain({ ...finding, peer: 'crun 1.8' }).reason, undefined);
  t.same(
    judge.stale(['runc 1.5']).map(({ where }) => where.facts),
    ['env *'],
  );
  t.same(judge.stale(['crun 1.8']), [], 'nobody knows about a peer that was not run');
  t.end();
});
