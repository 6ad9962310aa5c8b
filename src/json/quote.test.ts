import t from 'tap';
import { quotePath, quoteText } from './quote.js';

t.test('plain paths stay, all others are one line in double quotes', (tt) => {
  tt.equal(quotePath('/var/lib/a-b_c.d@1+2=3%,~:'), '/var/lib/a-b_c.d@1+2=3%,~:');
  tt.equal(quotePath('/a b'), '"/a b"');
  tt.equal(quotePath('/a\nb\u001b[31m'), '"/a\\nb\\u001b[31m"');
  tt.equal(quotePath('/\u202eevil\u009b'), '"/\\u202eevil\\u009b"');
  tt.equal(quotePath(''), '""');
  tt.equal(quoteText('abcdef', 3), '"abc…"');
  tt.end();
});
