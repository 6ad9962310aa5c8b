import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import t from 'tap';
import type { Host } from '../../host/host.js';
import type { Engine } from '../engine.js';
import { annotation, digestsOf, imageOf, nameOf, withDigest, withName } from './image-store.js';
import type { Descriptor } from './image.js';
import { clearStaging, withStaging } from '../store/staging.js';

const entry = (image: string): Descriptor => ({
  mediaType: 'm',
  digest: `d-${image}`,
  size: 1,
  annotations: { [annotation.image]: image },
});
const shown = (index: readonly Descriptor[]): string[] => index.map((one) => `${imageOf(one)} ${nameOf(one)}`);

void t.test('a name moves, and an image that loses its last one stays without', (t) => {
  const one = withName([], entry('a'), 'x');
  t.same(shown(one), ['a x']);
  const two = withName(one, entry('a'), 'y');
  t.same(shown(two), ['a x', 'a y']);
  const moved = withName(two, entry('b'), 'y');
  t.same(shown(moved), ['a x', 'b y']);
  const dangling = withName(moved, entry('b'), 'x');
  t.same(shown(dangling), ['b y', 'a ', 'b x']);
  t.same(shown(withName(dangling, entry('a'), 'z')), ['b y', 'b x', 'a z'], 'it gets a name again');
  t.end();
});

void t.test('an image without a name has one entry', (t) => {
  const one = withName([], entry('a'), '');
  t.same(shown(withName(one, entry('a'), '')), ['a ']);
  t.same(shown(withName(withName([], entry('a'), 'x'), entry('a'), '')), ['a x']);
  t.end();
});

void t.test('where an image comes from is noted at each of its names, once', (t) => {
  const index = withName(withName(withName([], entry('a'), 'x'), entry('a'), 'y'), entry('b'), 'z');
  const noted = withDigest(withDigest(index, 'a', 'r@1'), 'a', 'r@1');
  t.same(
    noted.map((one) => digestsOf(one)),
    [['r@1'], ['r@1'], []],
  );
  t.end();
});

const host = createRequire(import.meta.url)('../../../../../dist/pocker.node') as Host;

/** `lock` and `readdir` first run another command, as another process might. */
function engineAt(root: string, before: { lock?: () => void; readdir?: (names: readonly string[]) => void }): Engine {
  const own = Object.create(host) as Host;
  own.lock = (fd, waitMs) => {
    before.lock?.();
    return host.lock(fd, waitMs);
  };
  own.readdir = (path) => {
    const names = host.readdir(path);
    before.readdir?.(names);
    return names;
  };
  return { host: own, paths: { root } } as unknown as Engine;
}

void t.test('a directory that another command cleared before it was locked is made again', (t) => {
  const root = t.testdir();
  let cleared = 0;
  const engine = engineAt(root, {
    lock: () => {
      if (cleared === 0) cleared = clearStaging(engineAt(root, {}));
    },
  });
  withStaging(engine, (directory) => {
    t.equal(cleared, 1);
    t.ok(existsSync(directory));
    t.equal(clearStaging(engineAt(root, {})), 0, 'it is not cleared while it is in use');
  });
  t.same(readdirSync(`${root}/staging`), []);
  t.end();
});

void t.test('a directory that its command removes while others are cleared is no failure', (t) => {
  const root = t.testdir({ staging: { '1-1': {}, '1-2': { file: '' } } });
  const engine = engineAt(root, {
    readdir: () => {
      host.removeDirectory(`${root}/staging/1-1`);
    },
  });
  t.equal(clearStaging(engine), 1);
  t.same(readdirSync(`${root}/staging`), []);
  t.end();
});
