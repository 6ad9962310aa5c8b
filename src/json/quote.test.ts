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
