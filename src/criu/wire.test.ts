import fc from 'fast-check';
import t from 'tap';
import { requestTable, requestTypes, responseTable } from './messages.js';
import { decodeMessage, encodeMessage, type Table } from './wire.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

const every = {
  number: { number: 1, kind: 'int' },
  flag: { number: 2, kind: 'bool' },
  text: { number: 16, kind: 'string' },
  list: { number: 17, kind: 'string', repeated: true },
  inner: { number: 3, kind: { value: { number: 1, kind: 'int' } } },
} as const satisfies Table;

t.test('bytes of each kind of field', (t) => {
  for (const [message, expected] of [
    [{}, ''],
    [{ number: 0 }, '0800'],
    [{ number: 127 }, '087f'],
    [{ number: 300 }, '08ac02'],
    [{ number: 0x4000_0000 }, '088080808004'],
    [{ number: -1 }, '08ffffffffffffffffff01'],
    [{ flag: true }, '1001'],
    [{ flag: false }, '1000'],
    [{ text: 'ä' }, '820102c3a4'],
    [{ text: '' }, '820100'],
    [{ list: ['a', 'b'] }, '8a0101618a010162'],
    [{ list: [] }, ''],
    [{ inner: { value: 5 } }, '1a020805'],
  ] as const) {
    t.equal(hex(encodeMessage(every, message)), expected, JSON.stringify(message));
    const read = decodeMessage(every, bytes(expected));
    t.strictSame(read, 'list' in message && message.list.length === 0 ? {} : message, 'and read back');
  }
  t.end();
});

t.test('a text longer than 127 bytes', (t) => {
  const text = 'x'.repeat(300);
  t.strictSame(decodeMessage(every, encodeMessage(every, { text })), { text });
  t.end();
});

t.test('skips what the table does not have', (t) => {
  const unknown = ['2007', '21' + '00'.repeat(8), '25' + '00'.repeat(4), '2203616263', '0a0161'].join('');
  t.strictSame(decodeMessage(every, bytes(`${unknown}0805`)), { number: 5 }, 'also a known number of another wire type');
  t.end();
});

t.test('a message that ends too early is an error', (t) => {
  for (const text of ['08', '0880', '8201', '820105c3', '1a05', '23', `08${'ff'.repeat(11)}`])
    t.throws(() => decodeMessage(every, bytes(text)), RangeError, text);
  t.end();
});

t.test('a request and an answer of criu', (t) => {
  const request = { type: requestTypes.dump, opts: { imagesDirFd: 7, pid: 42, extMnt: [{ key: '/a', val: '/a' }] } };
  t.equal(hex(encodeMessage(requestTable, request)), '0801120f0807102aba01080a022f6112022f61');
  // From criu 3.17: type NOTIFY, success, notify { script "setup-namespaces", pid 277 }.
  const answer = bytes(`080610012a150a10${Buffer.from('setup-namespaces').toString('hex')}109502`);
  t.strictSame(decodeMessage(responseTable, answer), {
    type: 6,
    success: true,
    notify: { script: 'setup-namespaces', pid: 277 },
  });
  t.end();
});

const message = fc.record(
  {
    number: fc.maxSafeInteger(),
    flag: fc.boolean(),
    text: fc.string({ unit: 'grapheme' }),
    list: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
    inner: fc.record({ value: fc.maxSafeInteger() }, { requiredKeys: [], noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

t.test('what is written is read back', (t) => {
  fc.assert(
    fc.property(message, (one) => {
      t.strictSame(decodeMessage(every, encodeMessage(every, one)), one);
    }),
    { numRuns: 200 },
  );
  t.end();
});

/** Messages of a broken or foreign criu: any bytes, and real ones with a byte changed or cut off. */
const broken = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.tuple(message, fc.nat(), fc.nat(255), fc.nat()).map(([one, at, byte, length]) => {
    const whole = encodeMessage(every, one);
    if (whole.length > 0) whole[at % whole.length] = byte;
    return whole.subarray(0, length % (whole.length + 1));
  }),
);

t.test('any answer is a message of the right types, or a RangeError', (t) => {
  const typed = (value: object): boolean => {
    const { type, success, errorMessage, notify } = value as Record<string, unknown>;
    return (
      ['undefined', 'number'].includes(typeof type) &&
      ['undefined', 'boolean'].includes(typeof success) &&
      ['undefined', 'string'].includes(typeof errorMessage) &&
      ['undefined', 'object'].includes(typeof notify)
    );
  };
  const property = fc.property(broken, (bytes) => {
    try {
      return typed(decodeMessage(responseTable, bytes)) && typeof decodeMessage(every, bytes) === 'object';
    } catch (caught) {
      return caught instanceof RangeError;
    }
  });
  fc.assert(property, { numRuns: 2000 });
  t.end();
});
