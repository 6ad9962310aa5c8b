// Imports and #includes: no cycles of files, and none of folders, in all code of the project.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { root } from '../run.mjs';

const written = {
  ts: /(?:from|import)\s*\(?\s*'(\.[^']+)'/g,
  cpp: /^#include "([^"]+)"/gm,
};

/** x.js stands for x.ts; a .cpp belongs to its header, which is what others include. */
const asFile = (path, files) => [path, path.replace(/\.js$/, '.ts')].find((one) => files.has(one));

/** Each file with what it imports, by import or import(), or includes: paths from the root. */
function importsOf(folders, { endings, written: pattern }) {
  const names = folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)))
    .filter((file) => endings.test(file) && !/\.test\.(ts|mjs)$/.test(file));
  const files = new Set(names);
  return new Map(
    names.map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const paths = [...text.matchAll(pattern)].map(([, path]) => asFile(normalize(join(dirname(file), path)), files));
      return [file, new Set(paths.filter((path) => path !== undefined))];
    }),
  );
}

/** The first cycle found, as a list of names; null if there is none. */
function circle(graph) {
  const done = new Set();
  const visit = (name, path) => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const next of graph.get(name) ?? []) {
      const found = visit(next, [...path, name]);
      if (found !== null) return found;
    }
    done.add(name);
    return null;
  };
  for (const name of graph.keys()) {
    const found = visit(name, []);
    if (found !== null) return found;
  }
  return null;
}

/** With depth 2, src/cgroup/make.ts belongs to src/cgroup; src/log.ts stands for itself. */
function byFolder(graph, depth) {
  const folder = (file) => file.split('/').slice(0, depth).join('/');
  const folders = new Map();
  for (const [file, imports] of graph) {
    const set = folders.get(folder(file)) ?? new Set();
    for (const other of imports) if (folder(other) !== folder(file)) set.add(folder(other));
    folders.set(folder(file), set);
  }
  return folders;
}

t.same(
  circle(
    new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ]),
  ),
  ['b', 'c', 'b'],
  'a circle is found',
);
/** Circles between what is side by side in one folder: at every depth, so that siblings of siblings are judged with their folder. */
const circlesOfSiblings = (graph) => {
  const deepest = Math.max(...[...graph.keys()].map((file) => file.split('/').length));
  return Array.from({ length: deepest - 1 }, (_, index) => circle(byFolder(graph, index + 1))).filter((found) => found !== null);
};
t.same(
  circlesOfSiblings(
    new Map([
      ['src/a/one/x.ts', new Set(['src/a/two/y.ts'])],
      ['src/a/two/z.ts', new Set(['src/a/one/w.ts'])],
      ['src/b/c/d/x.ts', new Set(['src/b/c/e.ts'])],
      ['src/b/c/e.ts', new Set(['src/b/c/d/w.ts'])],
    ]),
  ),
  [
    ['src/a/one', 'src/a/two', 'src/a/one'],
    ['src/b/c/d', 'src/b/c/e.ts', 'src/b/c/d'],
  ],
  'a circle of folders is found, however deep, and of a folder with a file',
);

const code = { endings: /\.(ts|mjs)$/, written: written.ts };
const native = { endings: /\.(cpp|h|c)$/, written: written.cpp };
for (const [name, folders, kind] of [
  ['the code in TypeScript', ['src', 'conformance', 'bench', 'scripts'], code],
  ['addon/', ['addon'], native],
]) {
  const graph = importsOf(folders, kind);
  t.ok(
    [...graph.values()].some((imports) => imports.size > 0),
    `imports of ${name} are seen`,
  );
  t.same(circle(graph), null, `no circle of files in ${name}`);
  t.same(circlesOfSiblings(graph), [], `no circle of folders in ${name}, at any depth`);
}
