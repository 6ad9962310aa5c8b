import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Caches } from './caches.js';

t.test('what existed before stays, what was added is removed', (t) => {
  const root = t.testdir({ '@seccomp': { old: 'x' }, container: {} });
  const caches = new Caches([root]);
  writeFileSync(join(root, '@seccomp', 'new'), 'x');
  caches.putAway();
  t.same([readdirSync(root), readdirSync(join(root, '@seccomp'))], [['@seccomp', 'container'], ['old']]);
  t.end();
});

t.test('new directories are removed, but not with a container in them', (t) => {
  const top = t.testdir({});
  const [one, other] = [join(top, 'one'), join(top, 'other')];
  const caches = new Caches([one, other]);
  for (const root of [one, other]) {
    mkdirSync(join(root, '@seccomp'), { recursive: true });
    writeFileSync(join(root, '@seccomp', 'new'), 'x');
  }
  mkdirSync(join(other, 'container'));
  caches.putAway();
  t.same([readdirSync(top), readdirSync(other)], [['other'], ['container']]);
  t.end();
});
