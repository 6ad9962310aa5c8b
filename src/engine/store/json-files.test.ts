// Records on a full disk.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import type { Host } from '../../host/host.js';
import type { Engine } from '../engine.js';
import { readJson, replaceJson } from './json-files.js';

const host = createRequire(import.meta.url)('../../../../../dist/pocker.node') as Host;

/** An engine that cannot create files. */
function engineWithout(errno: number): Engine {
  const own = Object.create(host) as Host;
  own.writeNew = () => {
    throw { operation: 'open', errno };
  };
  return { host: own } as unknown as Engine;
}

const [EIO, ENOSPC, EDQUOT] = [5, 28, 122];

void t.test('a record that becomes shorter is written over the old one if there is no room for another', (t) => {
  for (const errno of [ENOSPC, EDQUOT]) {
    const path = `${t.testdir({ record: '{ "status": "running", "error": "a long text" }\n' })}/record`;
    replaceJson(engineWithout(errno), path, { status: 'exited' });
    t.same(readJson({ host } as unknown as Engine, path), { status: 'exited' });
  }
  t.end();
});

void t.test('otherwise the old one stays', (t) => {
  const path = `${t.testdir()}/record`;
  t.throws(() => replaceJson(engineWithout(ENOSPC), path, {}), { code: 'E_ENGINE' }, 'there is none');
  writeFileSync(path, 'old');
  t.throws(() => replaceJson(engineWithout(EIO), path, {}), { code: 'E_ENGINE' });
  t.equal(readFileSync(path, 'utf8'), 'old');
  t.end();
});
