import fc from 'fast-check';
import t from 'tap';
import { depthLimit, JsonSyntaxError, tokenize } from './tokenizer.js';

function complaint(text: string): string {
  try {
    tokenize(text);
    return 'none';
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return `${error.offset}: ${error.message}`;
  }
}

/** Rebuilds the value from the positions alone: containers from their children, scalars from their source text. */
function rebuild(text: string): unknown {
  const { starts, ends, parents, keys } = tokenize(text);
  const values = starts.map((start, node) => {
    const raw = text.slice(start, ends[node]);
    return raw.startsWith('{') ? {} : raw.startsWith('[') ? [] : (JSON.parse(raw) as unknown);
  });
  parents.forEach((parent, node) => {
    const holder = values[parent];
    if (Array.isArray(holder)) holder[keys[node]!] = values[node];
    else if (parent >= 0) defineAt(holder as object, keyAt(text, keys[node]!), values[node]);
  });
  return values[0];
}

function keyAt(text: string, start: number): string {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return JSON.parse(text.slice(start, end + 1)) as string;
}

function defineAt(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}

t.test('says what is wrong and where', (tt) => {
  const table: readonly (readonly [text: string, expected: string])[] = [
    ['', '0: expected a value, found the end of the text'],
    ['{]', `1: expected a property name in double quotes or "}", found ']'`],
    ['{"a" 1}', `5: expected ":" after the property name, found '1'`],
    ['{"a":1,}', `7: expected a property name in double quotes, found '}'`],
    ['{"a":1 "b":2}', `7: expected "," or "}", found '"'`],
    ['[1 2]', `3: expected "," or "]", found '2'`],
    ['[1,]', `3: expected a value, found ']'`],
    ['[1', '2: expected "," or "]", found the end of the text'],
    ['"abc', '4: expected a closing double quote, found the end of the text'],
    ['"a\nb"', '2: expected a closing double quote or an escape like "\\n", found the character U+000A'],
    ['"\\x"', `1: expected an escape sequence: one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX, found '\\'`],
    ['[undefined]', `1: expected a value, found 'undefined'`],
    ["['a']", `1: expected a value, found '''`],
    ['-x', `1: expected a digit, found 'x'`],
    ['01', `1: expected the end of the text, found '1'`],
    ['1.', `1: expected the end of the text, found '.'`],
    ['{} {}', `3: expected the end of the text, found '{'`],
    ['// c\n{}', `0: expected a value, found '/'`],
    ['[\u00a01]', '1: expected a value, found the character U+00A0'],
  ];
  for (const [text, expected] of table) tt.equal(complaint(text), expected, JSON.stringify(text));
  tt.end();
});

t.test('nesting has a limit, and needs no stack up to it', (tt) => {
  tt.equal(complaint('['.repeat(depthLimit) + ']'.repeat(depthLimit)), 'none');
  tt.equal(complaint('['.repeat(100_000)), `${depthLimit}: nested too deeply (limit ${depthLimit})`);
  tt.match(complaint('{"a":'.repeat(100_000)), /nested too deeply/);
  tt.end();
});

t.test('a string of 16 MiB is fine', (tt) => {
  tt.equal(complaint(`"${'a'.repeat(16 * 1024 * 1024)}"`), 'none');
  tt.end();
});

const document = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' });
const layout = fc.constantFrom(undefined, 1, '\t', '\n \r\n');

t.test('property: the positions describe the document that JSON.parse sees', (tt) => {
  fc.assert(
    fc.property(document, layout, (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      tt.strictSame(rebuild(text), JSON.parse(text));
    }),
    { numRuns: 300 },
  );
  tt.end();
});

t.test('property: it accepts exactly what JSON.parse accepts', (tt) => {
  const damaged = fc.tuple(
    document,
    fc.nat(),
    fc.constantFrom('', ',', ':', '"', '}', ']', '{', '\\', '0', '.', 'e', '-', '\n', '\u0000', '\ufeff', ' '),
  );
  fc.assert(
    fc.property(damaged, ([value, position, insert]) => {
      const whole = JSON.stringify(value);
      const at = position % (whole.length + 1);
      const text = whole.slice(0, at) + insert + whole.slice(at + (position % 2));
      let accepted = true;
      try {
        JSON.parse(text);
      } catch {
        accepted = false;
      }
      // Not in the name of an assertion: some texts are directives of TAP.
      return (complaint(text) === 'none') === accepted;
    }),
    { numRuns: 1000 },
  );
  tt.end();
});
