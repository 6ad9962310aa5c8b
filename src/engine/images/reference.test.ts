import t from 'tap';
import { canonical, familiar, isLoopback, parseReference, tryReference } from './reference.js';

const id = `sha256:${'a1'.repeat(32)}`;

void t.test('names are completed as docker does, and shown as short as docker shows them', (t) => {
  const cases: readonly (readonly [said: string, whole: string, shown: string])[] = [
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/library/busybox:1', 'docker.io/library/busybox:1', 'busybox:1'],
    ['team/tool:1.0', 'docker.io/team/tool:1.0', 'team/tool:1.0'],
    ['localhost/tool', 'localhost/tool:latest', 'localhost/tool:latest'],
    ['localhost:5000/tool', 'localhost:5000/tool:latest', 'localhost:5000/tool:latest'],
    ['registry.example/a/b/c:x_y.z-1', 'registry.example/a/b/c:x_y.z-1', 'registry.example/a/b/c:x_y.z-1'],
    [`busybox@${id}`, `docker.io/library/busybox@${id}`, `busybox@${id}`],
    [`busybox:1@${id}`, `docker.io/library/busybox:1@${id}`, `busybox:1@${id}`],
    ['a__b/c--d', 'docker.io/a__b/c--d:latest', 'a__b/c--d:latest'],
  ];
  for (const [said, whole, shown] of cases) {
    t.equal(canonical(parseReference(said)), whole, said);
    t.equal(familiar(parseReference(said)), shown, said);
    t.same(parseReference(whole), parseReference(said), whole);
  }
  t.end();
});

void t.test('what cannot be a name', (t) => {
  const bad = [
    '',
    ':',
    'a:',
    'a:b:c',
    '/a',
    'a/',
    'a//b',
    'a b',
    'a@sha256:12',
    '-a',
    'a..b',
    'a___b',
    `a:${'x'.repeat(129)}`,
    'ä',
  ];
  for (const said of bad) {
    t.throws(() => parseReference(said), /invalid reference format/, said);
    t.equal(tryReference(said), null);
  }
  t.throws(() => parseReference('BusyBox'), /repository name must be lowercase/);
  t.end();
});

void t.test('only registries on this machine are spoken to without TLS', (t) => {
  for (const said of ['localhost/a', 'localhost:1/a', '127.0.0.1:5000/a', '127.1.2.3/a'])
    t.ok(isLoopback(parseReference(said)), said);
  for (const said of ['a', 'localhost.example/a', '127.0.0.1.example/a', '10.0.0.1:5000/a'])
    t.notOk(isLoopback(parseReference(said)), said);
  t.end();
});
