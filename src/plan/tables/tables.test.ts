import fc from 'fast-check';
import t from 'tap';
import { cleanPath, below, parentOf, pointerKey } from '../paths.js';
import { errnoName, errnoNumber } from '../../host/errno.js';
import { signalName, signalNumber } from './signals.js';

t.test('errno', (t) => {
  t.same(errnoName(2), { name: 'ENOENT', text: 'no such file or directory' });
  t.same(errnoName(9999), { name: 'E9999', text: 'error 9999' });
  t.same(
    ['EPERM', 'ENOSYS', 'EDEADLK', 'EDEADLOCK', 'ENOTSUP', 'EOPNOTSUPP', 'EWOULDBLOCK'].map(errnoNumber),
    [1, 38, 35, 35, 95, 95, 11],
  );
  for (const name of ['', 'E', 'eperm', 'ENOPE', 'EPERM operation', 'E.*', 'constructor'])
    t.equal(errnoNumber(name), undefined, name);
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

t.test('each signal is found by its number and its name, in any case, with or without SIG', (t) => {
  const named = fc.integer({ min: 1, max: 64 }).filter((number) => !signalName(number).startsWith('signal '));
  const property = fc.property(named, fc.boolean(), fc.boolean(), (number, short, lower) => {
    const name = signalName(number).slice(short ? 'SIG'.length : 0);
    return signalNumber(lower ? name.toLowerCase() : name) === number && signalNumber(String(number)) === number;
  });
  fc.assert(property);
  t.end();
});

t.test('no text is a signal that the kernel does not have', (t) => {
  const words = fc.constantFrom('SIG', 'RTMIN', 'RTMAX', '+', '-', '0', '1', '9', 'KILL', 'constructor', '__proto__', ' ');
  const property = fc.property(
    fc.oneof(
      fc.array(words).map((all) => all.join('')),
      fc.string(),
    ),
    (text) => {
      const number = signalNumber(text);
      return number === undefined || (Number.isInteger(number) && number >= 0 && number <= 64);
    },
  );
  fc.assert(property, { numRuns: 1000 });
  t.end();
});
