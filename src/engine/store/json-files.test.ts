// Records on a full disk.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import type { Host } from '../../host/host.js';
import type { Engine } from '../engine.js';
import { isDamaged, isUnreadable, readJson, readRecord, replaceJson, unlessDamaged } from './json-files.js';
import { checkOf } from './shapes.js';

const isObjectMisfit = checkOf('object');

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

void t.test('so is one whose letters take several bytes, which gets no longer by that', (t) => {
  const old = JSON.stringify({ error: 'é'.repeat(3000), status: 'running' }, undefined, 2);
  const path = `${t.testdir({ record: old })}/record`;
  const value = { error: 'é'.repeat(2000), status: 'exited' };
  replaceJson(engineWithout(ENOSPC), path, value);
  t.same(readJson({ host } as unknown as Engine, path), value);
  t.equal(readFileSync(path).length, Buffer.byteLength(old));
  t.end();
});

void t.test('one that needs more room than the old one has leaves that as it is', (t) => {
  const path = `${t.testdir({ record: '{}' })}/record`;
  replaceJson(engineWithout(ENOSPC), path, { error: 'a'.repeat(4000) });
  const before = readFileSync(path, 'utf8');
  t.throws(() => replaceJson(engineWithout(ENOSPC), path, { error: 'a'.repeat(5000) }), { code: 'E_ENGINE' });
  t.equal(readFileSync(path, 'utf8'), before);
  t.end();
});

void t.test('a record of a newer version is neither read nor taken for a damaged one', (t) => {
  const directory = t.testdir({
    newer: '{"version":2,"status":["another shape"]}',
    odd: '{"version":"2"}',
    zero: '{"version":0}',
    old: '{"version":1}',
    none: '{}',
  });
  const engine = { host, log: { warn: () => undefined } } as unknown as Engine;
  const read = (name: string) => () => readRecord(engine, `${directory}/${name}`, isObjectMisfit);
  t.throws(read('newer'), { message: /newer is of a newer version.*record version 2, supported: up to 1/ });
  t.same(
    [isDamaged(read('newer')), isUnreadable(read('newer')), unlessDamaged(engine, 'it', read('newer'))],
    [false, true, null],
  );
  for (const name of ['odd', 'zero']) t.ok(isDamaged(read(name)), name);
  for (const name of ['old', 'none']) t.type(read(name)(), 'object', name);
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
