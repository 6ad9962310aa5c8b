import t from 'tap';
import { writeJson } from './write.js';

t.test('like JSON.stringify, with integers of any size', (t) => {
  const value = { a: [1, null, 'x"\n', true], b: { c: undefined, d: {} }, e: -0.5 };
  t.equal(writeJson(value), JSON.stringify(value));
  t.equal(
    writeJson({ big: 18446744073709551615n, list: [-9223372036854775808n, undefined] }),
    '{"big":18446744073709551615,"list":[-9223372036854775808,null]}',
  );
  t.end();
});
