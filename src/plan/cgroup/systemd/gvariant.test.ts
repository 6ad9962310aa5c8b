import t from 'tap';
import { parseGVariant } from './gvariant.js';

t.test('values, their types and their words', (t) => {
  const cases: [text: string, signature: string, ...words: string[]][] = [
    ['true', 'b', 'true'],
    ['5', 'i', '5'],
    [' -5 ', 'i', '-5'],
    ['0x1F', 'i', '31'],
    ['010', 'i', '8'],
    ['1.5', 'd', '1.5'],
    ['1e3', 'd', '1000'],
    ['uint64 18446744073709551615', 't', '18446744073709551615'],
    ['int64 -9223372036854775808', 'x', '-9223372036854775808'],
    ['byte 255', 'y', '255'],
    ['boolean false', 'b', 'false'],
    ["'it''s'".replace("''", "\\'"), 's', "it's"],
    ['"a\\n\\u00e9\\U0001F600"', 's', 'a\né😀'],
    ["objectpath '/a'", 'o', '/a'],
    ["['a', 'b']", 'as', '2', 'a', 'b'],
    ['[uint32 1, 2]', 'au', '2', '1', '2'],
    ['[1, 2.5]', 'ad', '2', '1', '2.5'],
    ['[[], [byte 1]]', 'aay', '2', '0', '1', '1'],
    ['@as []', 'as', '0'],
    ["@a(ss) [('/dev/null', 'rw')]", 'a(ss)', '1', '/dev/null', 'rw'],
    ["('a', uint64 2, true)", '(stb)', 'a', '2', 'true'],
    ["{'k': <1>, 'l': <'x'>}", 'a{sv}', '2', 'k', 'i', '1', 'l', 's', 'x'],
    ['<@t 1>', 'v', 't', '1'],
    ["b'a\\001'", 'ay', '3', '97', '1', '0'],
  ];
  for (const [text, signature, ...words] of cases) t.same(parseGVariant(text), { signature, words }, text);
  t.end();
});

t.test('errors', (t) => {
  const cases: [text: string, message: RegExp][] = [
    ['', /ends too early/],
    ['uint64', /ends too early/],
    ['uint64 -1', /does not fit/],
    ['byte 256', /does not fit/],
    ['2147483648', /does not fit/],
    ['hello', /unknown word "hello"/],
    ["'open", /unexpected/],
    ['1 2', /unexpected "2" at character 3/],
    ['[]', /@as \[\]/],
    ["['a', 1]", /a number is not a value of type "s"/],
    ['@s 1', /not a value/],
    ['@zz 1', /no type "z/],
    ['@ss 1', /more than one type/],
    ['("a"', /ends too early/],
    ["'\\u0000'", /NUL/],
    ['['.repeat(100), /nested/],
    ['nothing', /unknown word/],
  ];
  for (const [text, message] of cases) t.throws(() => parseGVariant(text), { message }, text);
  t.end();
});
