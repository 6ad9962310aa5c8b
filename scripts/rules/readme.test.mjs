// Checks the documents: the table "Where is X done?", the README's table of commands, and every path they name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { root } from '../run.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');
const section = (text, title) => new RegExp(`^## ${title}\\n([^]*?)(?=^## |$(?![^]))`, 'm').exec(text)?.[1] ?? '';

t.test('every path of "Where is X done?" exists', (t) => {
  const paths = [...section(read('docs/architecture.md'), 'Where is X done\\?').matchAll(/`([^`]+)`/g)].map(([, path]) => path);
  t.ok(paths.length > 20);
  for (const path of paths) t.ok(existsSync(join(root, path)), path);
  t.end();
});

t.test('every command is in the table of commands, and no other', (t) => {
  const listed = [...section(readme, 'Commands').matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
  const table = readFileSync(join(root, 'src/cli/options.ts'), 'utf8').split('export const commands')[1] ?? '';
  const defined = [...table.matchAll(/commands\/(\w+)\.js'/g)].map(([, name]) => name);
  t.same([...listed].sort(), defined.sort());
  t.end();
});

t.test('every npm script that README and CONTRIBUTING name exists', (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const text = readme + readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  for (const [, name] of text.matchAll(/npm run ([\w:]+)/g)) t.ok(name in scripts, name);
  t.end();
});

t.test('every error code is documented', (t) => {
  const errors = readFileSync(join(root, 'src/errors.ts'), 'utf8');
  const documented = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  for (const [code] of errors.matchAll(/E_[A-Z_]+(?=')/g)) t.match(documented, code);
  t.end();
});

t.test('every link and every source file that the documents name exists', (t) => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
  ];
  for (const document of documents.filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join(root, document), 'utf8');
    const links = [...text.matchAll(/\]\(([\w./-]+)(?:#[\w-]*)?\)/g)].map(([, path]) => join(dirname(document), path));
    const sources = [...text.matchAll(/`((?:src|addon|schema|scripts|conformance|bench|cmake|docs)\/[\w./-]*[\w/])`/g)].map(
      ([, path]) => path,
    );
    for (const path of [...links, ...sources]) t.ok(existsSync(join(root, path)), `${document}: ${path}`);
  }
  t.end();
});
