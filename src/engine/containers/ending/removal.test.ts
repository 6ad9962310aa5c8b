import { createRequire } from 'node:module';
import t from 'tap';
import type { Host } from '../../../host/host.js';
import type { Engine } from '../../engine.js';
import { enginePaths } from '../../paths.js';
import { writeJson } from '../../store/json-files.js';
import { freeName } from './removal.js';

const real = createRequire(import.meta.url)('../../../../../../dist/pocker.node') as Host;

t.test('a name is removed while nobody else can remove and take it', (t) => {
  const directory = t.testdir();
  const paths = enginePaths(real, false, { root: `${directory}/root`, run: `${directory}/run` });
  const removed: string[] = [];
  const host: Host = Object.create(real, {
    unlink: {
      value: (path: string) => {
        const fd = real.openDirectory(paths.names);
        t.notOk(real.lock(fd, 0), 'the names are locked');
        real.close(fd);
        removed.push(path);
        real.unlink(path);
      },
    },
  }) as Host;
  const engine = { host, paths } as unknown as Engine;
  const [own, other] = ['a'.repeat(64), 'b'.repeat(64)];
  writeJson(engine, `${paths.names}/mine`, { id: own });
  freeName(engine, 'mine', other);
  t.same(removed, [], 'it belongs to another container');
  freeName(engine, 'mine', own);
  t.same(removed, [`${paths.names}/mine`]);
  t.end();
});
