// The imports of src/ and conformance/: no cycles of files, and no cycles of folders in src/.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { root } from './run.mjs';

/** Each file with what it imports, by import or import(): paths from the root. */
function importsOf(folder) {
  const files = readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file));
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const paths = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)\.js'/g)].map(([, path]) =>
        normalize(join(dirname(file), `${path}.ts`)),
      );
      return [file, new Set(paths.filter((path) => files.includes(path)))];
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

/** src/cgroup/make.ts belongs to src/cgroup; src/log.ts stands for itself. */
const room = (file) => file.split('/').slice(0, 2).join('/');

function byRoom(graph) {
  const rooms = new Map();
  for (const [file, imports] of graph) {
    const set = rooms.get(room(file)) ?? new Set();
    for (const other of imports) if (room(other) !== room(file)) set.add(room(other));
    rooms.set(room(file), set);
  }
  return rooms;
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
for (const folder of ['src', 'conformance']) t.same(circle(importsOf(folder)), null, `no circle of files in ${folder}/`);
t.same(circle(byRoom(importsOf('src'))), null, 'no circle of folders in src/');
