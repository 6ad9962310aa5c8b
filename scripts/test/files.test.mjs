import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { filesBelow, selected } from './files.mjs';

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

t.same(selected(['a/kill.js', 'a/pause.js', 'b/kill.js'], ['kill', 'b/']), ['a/kill.js', 'b/kill.js'], 'a file once, in order');
const outdated = "import { selected } from './files.mjs'; selected(['a/kill.js'], ['kill', 'killed', 'ps'])";
const { status, stderr } = spawnSync('node', ['--input-type=module', '-e', outdated], {
  cwd: import.meta.dirname,
  encoding: 'utf8',
});
t.match(
  { status, stderr },
  { status: 1, stderr: /^no test file is called killed or ps$/m },
  'a part that finds nothing is an error',
);
