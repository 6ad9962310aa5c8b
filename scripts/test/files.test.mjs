import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { filesBelow } from './files.mjs';

const base = t.testdir({
  build: { js: { src: { 'kept.test.js': '', 'moved.test.js': '', 'kept.js': '' } } },
  src: { 'kept.test.ts': '' },
  scripts: { 'one.test.mjs': '' },
});
t.same(filesBelow('build/js/src', '.test.js', base), ['build/js/src/kept.test.js'], 'a test without a source does not run');
t.same(filesBelow('scripts', '.test.mjs', base), ['scripts/one.test.mjs'], 'what is not compiled is its own source');
mkdirSync(join(base, 'src/below'));
writeFileSync(join(base, 'src/below/moved.test.ts'), '');
t.same(filesBelow('build/js/src', '.test.js', base), ['build/js/src/kept.test.js'], 'nor if its source is elsewhere now');
