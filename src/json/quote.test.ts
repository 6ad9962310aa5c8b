import fc from 'fast-check';
import t from 'tap';
import { printable, quotePath, quoteText } from './quote.js';

t.test('plain paths stay, all others are one line in double quotes', (tt) => {
  tt.equal(quotePath('/var/lib/a-b_c.d@1+2=3%,~:'), '/var/lib/a-b_c.d@1+2=3%,~:');
  tt.equal(quotePath('/a b'), '"/a b"');
  tt.equal(quotePath('/a\nb\u001b[31m'), '"/a\\nb\\u001b[31m"');
  tt.equal(quotePath('/\u202eevil\u009b'), '"/\\u202eevil\\u009b"');
  tt.equal(quotePath(''), '""');
  tt.equal(quoteText('abcdef', 3), '"abc…"');
  tt.end();
});

t.test('a message stays on one line, and steers no terminal', (tt) => {
  tt.equal(printable('plain "text" with \\ and ü, 日本'), 'plain "text" with \\ and ü, 日本');
  tt.equal(printable('a\nlevel=error\r\tb\u001b[31m\u009b\u007f'), 'a\\nlevel=error\\r\\tb\\u001b[31m\\u009b\\u007f');
  tt.equal(printable('\u202eevil\u2028'), '\\u202eevil\\u2028');
  tt.end();
});

// What these tests must not find in a message, written independently of quote.ts.
const steers = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
const texts = fc.string({
  unit: fc.oneof(fc.constantFrom('\n', '\u001b', '\u009b', '\u202e', '"', '\\'), fc.string({ unit: 'binary' })),
});

t.test('whatever the text contains, it is one line that steers nothing and can be read back', (tt) => {
  const property = fc.property(texts, (text) => {
    const quoted = quotePath(text);
    const back: unknown = quoted.startsWith('"') ? JSON.parse(quoted) : quoted;
    return back === text && ![quoted, quoteText(text), printable(text)].some((one) => steers.test(one));
  });
  fc.assert(property, { numRuns: 1000 });
  tt.end();
});

t.test('a limit is kept', (tt) => {
  const property = fc.property(texts, fc.nat(20), (text, limit) => {
    const shown = JSON.parse(quoteText(text, limit)) as string;
    return shown === text ? text.length <= limit : shown === `${text.slice(0, limit)}…`;
  });
  fc.assert(property);
  tt.end();
});
