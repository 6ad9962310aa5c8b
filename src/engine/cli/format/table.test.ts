import t from 'tap';
import { table } from './table.js';

void t.test('what an image or a container brings along begins no line and steers no terminal', (t) => {
  const cell = '\u001b]0;title\u0007\nline \u202efdp';
  t.equal(
    table([
      ['NAME', 'BY'],
      ['a', cell],
    ]),
    'NAME      BY\na         \\u001b]0;title\\u0007\\nline \\u202efdp\n',
  );
  t.equal(table([['ünï', '日本']]), 'ünï       日本\n', 'other letters are as they are');
  t.end();
});
