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
const code = { endings: /\.(ts|mjs)$/, written: written.ts };
const native = { endings: /\.(cpp|h|c)$/, written: written.cpp };
/** At each depth, folders are the names that a path has after so many parts; a file above them stands for itself. */
const graphs = [
  ['the top folders', ['src', 'conformance', 'bench', 'scripts'], code, [1]],
  ['src/', ['src'], code, [2]],
  ['src/engine/', ['src/engine'], code, [3, 4]],
  ['conformance/', ['conformance'], code, [2, 3]],
  ['bench/', ['bench'], code, []],
  ['scripts/', ['scripts'], code, [2]],
  ['addon/', ['addon'], native, [2]],
];
for (const [name, folders, kind, depths] of graphs) {
  const graph = importsOf(folders, kind);
  t.ok(
    [...graph.values()].some((imports) => imports.size > 0),
    `imports of ${name} are seen`,
  );
  t.same(circle(graph), null, `no circle of files in ${name}`);
  for (const depth of depths) t.same(circle(byFolder(graph, depth)), null, `no circle of folders in ${name}, at depth ${depth}`);
}
