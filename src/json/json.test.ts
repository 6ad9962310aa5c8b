import fc from 'fast-check';
import t from 'tap';
import { PockerError } from '../errors.js';
import { GivenValue, parseJson } from './json.js';
import { joinPointer } from './pointer.js';

function message(text: string): string {
  try {
    parseJson('config.json', text);
    return 'none';
  } catch (error) {
    if (!(error instanceof PockerError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

t.test('a syntax error has line and column', (tt) => {
  tt.equal(message('{\n  "a": 1\n  "b": 2\n}'), `E_CONFIG_JSON config.json:3:3: expected "," or "}", found '"'`);
  tt.equal(message('{"ä": 😀}'), `E_CONFIG_JSON config.json:1:7: expected a value, found '😀'`);
  tt.equal(message(' \n'), 'E_CONFIG_JSON config.json: is empty');
  tt.match(message('\ufeff{}'), /1:1: begins with a byte order mark/);
  tt.end();
});

t.test('deep nesting is an error, whether or not the engine could parse it', (tt) => {
  for (const depth of [1001, 20_000, 100_000])
    tt.match(message('['.repeat(depth) + ']'.repeat(depth)), /nested too deeply \(limit 1000\)/);
  tt.equal(message(`[${'[],'.repeat(5000)}1]`), 'none', 'many brackets side by side are not deep');
  tt.end();
});

t.test('if two properties have the same name, the last one counts', (tt) => {
  const parsed = parseJson('c', '{"a": 1,\n "a": "two"}');
  tt.strictSame(parsed.value, { a: 'two' });
  tt.equal(parsed.raw('/a'), '"two"');
  tt.same(parsed.position('/a'), { line: 2, column: 7 });
  tt.end();
});

t.test('__proto__ is a property like any other', (tt) => {
  const parsed = parseJson('c', '{"__proto__": {"polluted": true}, "constructor": 1}');
  tt.equal(({} as Record<string, unknown>)['polluted'], undefined);
  tt.ok(Object.hasOwn(parsed.value as object, '__proto__'));
  tt.equal(parsed.raw('/__proto__/polluted'), 'true');
  tt.end();
});

t.test('the position of something missing is that of its object', (tt) => {
  const parsed = parseJson('c', '{\n  "a": {"b": [10, 20]}\n}');
  tt.same(parsed.position('/a/b/1'), { line: 2, column: 19 });
  tt.same(parsed.position('/a/x/y'), { line: 2, column: 8 });
  tt.same(parsed.position(''), { line: 1, column: 1 });
  tt.equal(parsed.raw('/a/b/7'), undefined);
  tt.equal(parsed.raw('/a/b'), '[10, 20]');
  tt.end();
});

t.test('property: at every pointer there is the source of its value, at its line and column', (tt) => {
  const visit = (value: unknown, pointer: string, each: (value: unknown, pointer: string) => void): void => {
    each(value, pointer);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) visit(item, joinPointer(pointer, key), each);
  };
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const parsed = parseJson('c', text);
      const lines = text.split('\n');
      visit(parsed.value, '', (item, pointer) => {
        tt.strictSame(parseJson('c', parsed.raw(pointer)!).value, item);
        if (typeof item === 'bigint') tt.equal(parsed.raw(pointer), String(item));
        const { line, column } = parsed.position(pointer);
        const rest = [...lines[line - 1]!].slice(column - 1).join('');
        tt.ok(rest.startsWith(parsed.raw(pointer)!.split('\n')[0]!));
      });
    }),
    { numRuns: 100 },
  );
  tt.end();
});

t.test('a part of a config: pointers are those of the config, positions of the text', (t) => {
  const document = parseJson('file', '[1,\n  2]', '/linux/list');
  t.same(document.value, [1, 2]);
  t.same(document.position('/linux/list'), { line: 1, column: 1 });
  t.same(document.position('/linux/list/1'), { line: 2, column: 3 });
  t.equal(document.raw('/linux/list/1'), '2');
  t.end();
});

t.test('an object without a text has no positions', (t) => {
  const given = new GivenValue('the flags', { 'a/b': [1, 2n ** 64n] }, '/linux');
  t.equal(given.position(), null);
  t.equal(given.raw('/linux/a~1b/1'), '18446744073709551616');
  t.equal(given.raw('/linux/x/y'), undefined);
  t.end();
});

t.test('integers beyond 2^53 keep their digits, wherever they are', (tt) => {
  const text = `{"a/b": [1, {"~": -9007199254740993}], "x": 9007199254740991, "y": "9007199254740993", "z": 1e400,
    "twice": 9007199254740993, "twice": 5, "__proto__": 18446744073709551615, "long": ${'9'.repeat(41)}}`;
  const value = parseJson('file', text).value as Record<string, unknown>;
  tt.strictSame(value['a/b'], [1, { '~': -9007199254740993n }]);
  tt.strictSame([value['x'], value['y'], value['z'], value['twice']], [9007199254740991, '9007199254740993', Infinity, 5]);
  tt.equal(Object.getOwnPropertyDescriptor(value, '__proto__')?.value, 18446744073709551615n);
  tt.equal(Object.getPrototypeOf(value), Object.prototype);
  tt.equal(value['long'], 1e41, 'no integer type has so many');
  tt.equal(parseJson('file', '18446744073709551615').value, 18446744073709551615n);
  tt.end();
});
