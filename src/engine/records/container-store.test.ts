import { createRequire } from 'node:module';
import t from 'tap';
import type { Host } from '../../host/host.js';
import type { Engine } from '../engine.js';
import { enginePaths } from '../paths.js';
import { writeJson } from '../store/json-files.js';
import { allContainers, findId, storedOf, writeState } from './container-store.js';
import { firstState } from './container.js';

const real = createRequire(import.meta.url)('../../../../../dist/pocker.node') as Host;
const count = 20;

/** A store with some containers, and which of their records have been read. */
function store(directory: string): { readonly engine: Engine; readonly ids: readonly string[]; readonly read: string[] } {
  const read: string[] = [];
  const readRegular = (path: string, limit: number): string => {
    if (path.endsWith('/container.json')) read.push(path);
    return real.readRegular(path, limit);
  };
  const host = Object.create(real, { readRegular: { value: readRegular } }) as Host;
  const paths = enginePaths(real, false, { root: `${directory}/root`, run: `${directory}/run` });
  const engine = { host, paths } as unknown as Engine;
  const ids = Array.from({ length: count }, (_, index) => `${index + 10}`.padEnd(64, 'a'));
  for (const [index, id] of ids.entries()) {
    const config = { Hostname: 'h', Env: [], Cmd: [], Image: 'busybox' };
    const hostConfig = { NetworkMode: 'none' };
    const created = new Date(index * 1000).toISOString();
    const record = { version: 1, id, name: `name-${index}`, created, image: 'i', path: 'sh', args: [], config, hostConfig };
    writeJson(engine, `${paths.containers}/${id}/container.json`, record);
    writeState(engine, id, firstState);
  }
  return { engine, ids, read };
}

void t.test('the beginning of an id is enough, without reading any record', (t) => {
  const { engine, ids, read } = store(t.testdir());
  for (const id of ids) t.equal(findId(engine, id.slice(0, 12)), id);
  t.same(read, []);
  t.throws(() => findId(engine, '1'), { message: 'multiple IDs found with provided prefix: 1' });
  t.end();
});

void t.test('a name counts before the beginning of an id', (t) => {
  const { engine, ids } = store(t.testdir());
  writeJson(engine, `${engine.paths.names}/10a`, { id: ids[3] });
  t.equal(findId(engine, '10a'), ids[3]);
  t.equal(findId(engine, '10aa'), ids[0]);
  t.equal(findId(engine, 'ffff'), null);
  t.end();
});

void t.test('the newest first; what is usual is put together when it is asked for', (t) => {
  const { engine, ids } = store(t.testdir());
  const [newest, ...others] = allContainers(engine);
  t.same(
    others.map((one) => storedOf(one).id),
    ids.slice(0, -1).reverse(),
  );
  t.equal(storedOf(newest!).config.WorkingDir, undefined);
  t.match(newest!.record, {
    id: ids.at(-1),
    mounts: [],
    config: { Image: 'busybox', WorkingDir: '' },
    hostConfig: { Memory: 0 },
  });
  t.end();
});
