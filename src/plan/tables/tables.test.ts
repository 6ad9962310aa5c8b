import t from 'tap';
import { cleanPath, below, parentOf, pointerKey } from '../paths.js';
import { errnoName } from '../../host/errno.js';
import { signalNumber } from './signals.js';

t.test('errno', (t) => {
  t.same(errnoName(2), { name: 'ENOENT', text: 'no such file or directory' });
  t.same(errnoName(9999), { name: 'E9999', text: 'error 9999' });
  t.end();
});

t.test('signals', (t) => {
  const cases: [string, number | undefined][] = [
    ['9', 9],
    ['0', 0],
    ['65', undefined],
    ['KILL', 9],
    ['sigterm', 15],
    ['SIGRTMIN+1', 35],
    ['RTMAX-1', 63],
    ['RTMAX', 64],
    ['RTMIN+99', undefined],
    ['FOO', undefined],
    ['-9', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) t.equal(signalNumber(text), expected, text);
  t.end();
});

t.test('paths', (t) => {
  for (const [path, expected] of [
    ['/a/./b//c/', '/a/b/c'],
    ['/../..', '/'],
    ['a/../../b', '/b'],
    ['/a/.b', '/a/.b'],
    ['/', '/'],
    ['', '/'],
  ] as const) {
    t.equal(cleanPath(path), expected, path);
  }
  t.equal(below('/base', '../../x'), '/base/x');
  t.equal(below('/', 'x'), '/x');
  t.equal(below('/base', ''), '/base');
  t.equal(parentOf('/a'), '/');
  t.equal(pointerKey('a/b~c'), 'a~1b~0c');
  t.end();
});
