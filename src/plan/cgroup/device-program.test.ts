import fc from 'fast-check';
import t from 'tap';
import { compileDeviceRules } from './device-program.js';
import type { DeviceRule } from '../plan.js';
import { allowed } from './device-rule.js';

interface Request {
  readonly kind: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly access: string;
}

/** Runs it like the kernel, with the verifier's rules: jumps only go forward, registers are set before they are read. */
function run(program: Uint8Array, { kind, major, minor, access }: Request): number {
  const view = new DataView(program.buffer);
  const bits = Array.from(access).reduce((sum, letter) => sum | { m: 1, r: 2, w: 4 }[letter]!, 0);
  const context = [(bits << 16) | { b: 1, c: 2 }[kind], major, minor];
  const registers: (number | undefined)[] = [undefined, 0];
  const read = (register: number): number => {
    const value = registers[register];
    if (value === undefined) throw new Error(`r${register} is read before it is set`);
    return value;
  };
  for (let at = 0; at < program.length; at += 8) {
    const [code, pair] = [view.getUint8(at), view.getUint8(at + 1)];
    const [to, from] = [pair & 15, pair >> 4];
    const [offset, value] = [view.getInt16(at + 2, true), view.getInt32(at + 4, true)];
    if (offset < 0) throw new Error('a jump back');
    if (code === 0x61) registers[to] = context[offset / 4]!;
    else if (code === 0xbf) registers[to] = read(from);
    else if (code === 0xb7) registers[to] = value;
    else if (code === 0x57) registers[to] = read(to) & value;
    else if (code === 0x77) registers[to] = read(to) >>> value;
    else if (code === 0x15) at += read(to) === value ? offset * 8 : 0;
    else if (code === 0x55) at += read(to) === value ? 0 : offset * 8;
    else if (code === 0x95) return read(0);
    else throw new Error(`no such instruction: ${code}`);
  }
  throw new Error('the program has no end');
}

const rule = (allow: boolean, text: string): DeviceRule => ({ ...allowed(text, ''), allow });
const request = (text: string): Request => {
  const { type, major, minor, access } = allowed(text, '');
  return { kind: type as 'b' | 'c', major: major ?? 0, minor: minor ?? 0, access };
};

const nothing = rule(false, 'a');
const cases: readonly (readonly [rules: readonly DeviceRule[], request: string, verdict: 0 | 1])[] = [
  [[], 'c 1:3 r', 0],
  [[nothing], 'c 1:3 r', 0],
  [[rule(true, 'a')], 'b 8:0 rwm', 1],
  [[nothing, rule(true, 'c 1:3 rwm')], 'c 1:3 rw', 1],
  [[nothing, rule(true, 'c 1:3 rwm')], 'b 1:3 rw', 0],
  [[nothing, rule(true, 'c 1:3 rwm')], 'c 1:5 r', 0],
  [[nothing, rule(true, 'c 1:3 r')], 'c 1:3 rw', 0],
  [[nothing, rule(true, 'c 1:3 r'), rule(true, 'c 1:3 w')], 'c 1:3 rw', 1],
  [[nothing, rule(true, 'c *:* m')], 'c 240:1048575 m', 1],
  [[nothing, rule(true, 'c 136:* rwm')], 'c 136:77 rw', 1],
  [[rule(true, 'a'), rule(false, 'b 8:0 w')], 'b 8:0 r', 1],
  [[rule(true, 'a'), rule(false, 'b 8:0 w')], 'b 8:0 rw', 0],
  [[rule(true, 'a'), rule(false, 'b 8:0 w')], 'b 8:1 rw', 1],
  [[nothing, rule(true, 'b 8:* rw'), rule(false, 'b 8:16 w'), rule(true, 'b 8:16 w')], 'b 8:16 rw', 1],
  [[rule(true, 'c 5:1 rw'), nothing], 'c 5:1 r', 0],
];

t.test('a table of rules and accesses', (t) => {
  for (const [rules, asked, verdict] of cases) {
    t.equal(run(compileDeviceRules(rules), request(asked)), verdict, `${asked} with ${rules.length} rules`);
  }
  t.end();
});

t.test('the last rule that mentions an access decides, for every list of rules', (t) => {
  const number = fc.constantFrom(null, 0, 1, 2);
  const access = fc.subarray(['r', 'w', 'm'], { minLength: 1 }).map((letters) => letters.join(''));
  const anyRule = fc.record({ allow: fc.boolean(), type: fc.constantFrom('a', 'b', 'c'), major: number, minor: number, access });
  const anyRequest = fc.record({ kind: fc.constantFrom('b', 'c'), major: fc.nat(2), minor: fc.nat(2), access });
  const speaks = (one: DeviceRule, asked: Request, letter: string): boolean =>
    (one.type === 'a' || one.type === asked.kind) &&
    (one.major ?? asked.major) === asked.major &&
    (one.minor ?? asked.minor) === asked.minor &&
    one.access.includes(letter);
  const property = fc.property(fc.array(anyRule, { maxLength: 8 }), anyRequest, (list, asked) => {
    const rules = list.map((one) => ({ ...one, pointer: '' })) as DeviceRule[];
    const wanted = asked as Request;
    const expected = Array.from(wanted.access).every(
      (letter) => rules.findLast((one) => speaks(one, wanted, letter))?.allow === true,
    );
    return run(compileDeviceRules(rules), wanted) === (expected ? 1 : 0);
  });
  fc.assert(property, { numRuns: 2000 });
  t.end();
});
