import fc from 'fast-check';
import t from 'tap';
import { seccompArchitectures } from '../tables/seccomp.js';
import { runFilter } from './interpreter.js';
import { lastCall, refuseNewer, type LastCall } from './newer-syscalls.js';

const token = (name: string): number => seccompArchitectures[`SCMP_ARCH_${name}`]!;
const x32 = 0x4000_0000;
const ENOSYS = 0x0005_0026;

/** A filter with the same answer to everything. */
const passed = 0x0005_0001;
const tail = Uint8Array.from([0x06, 0, 0, 0, 0x01, 0, 0x05, 0]);

const engines: readonly LastCall[] = [
  { architecture: token('X86_64'), number: 439 },
  { architecture: token('X86'), number: 441 },
  { architecture: token('X32'), number: x32 + 547 },
];

t.test('a table of calls', (t) => {
  const rows: readonly (readonly [architecture: string, number: number, newer: boolean])[] = [
    ['X86_64', 0, false],
    ['X86_64', 439, false],
    ['X86_64', 440, true],
    ['X86_64', 1_000_000, true],
    ['X86_64', x32 - 1, true],
    ['X86_64', x32, false],
    ['X86_64', x32 + 547, false],
    ['X86_64', x32 + 548, true],
    ['X86_64', 0xffff_ffff, false],
    ['X86', 440, false],
    ['X86', 441, false],
    ['X86', 442, true],
    ['X86', x32 + 1, true],
    ['X86', 0xffff_ffff, false],
    ['AARCH64', 1000, false],
    ['ARM', 442, false],
  ];
  const program = refuseNewer(tail, engines);
  for (const [name, number, newer] of rows) {
    const answer = runFilter(program, { architecture: token(name), number });
    t.equal(answer, newer ? ENOSYS : passed, `${name} ${number}`);
  }
  t.end();
});

t.test('without x32 in the profile, its calls are left to the filter', (t) => {
  const program = refuseNewer(tail, [{ architecture: token('X86_64'), number: 439 }]);
  t.equal(runFilter(program, { architecture: token('X86_64'), number: x32 + 2000 }), passed);
  t.equal(runFilter(program, { architecture: token('X86_64'), number: 440 }), ENOSYS);
  t.end();
});

t.test('every architecture, alone and with all others: only what is beyond its last call', (t) => {
  const tokens = Object.values(seccompArchitectures);
  const last = fc.uniqueArray(fc.record({ architecture: fc.constantFrom(...tokens), number: fc.nat(5000) }), {
    selector: ({ architecture }) => architecture,
  });
  const property = fc.property(last, fc.constantFrom(...tokens), fc.nat(10_000), (calls, architecture, number) => {
    const shifted = calls.map((one) => (one.architecture === token('X32') ? { ...one, number: one.number + x32 } : one));
    const asked = architecture === token('X32') ? number + x32 : number;
    const audit = architecture === token('X32') ? token('X86_64') : architecture;
    const known = shifted.find((one) => one.architecture === architecture);
    const expected = known !== undefined && asked > known.number ? ENOSYS : passed;
    return runFilter(refuseNewer(tail, shifted), { architecture: audit, number: asked }) === expected;
  });
  fc.assert(property, { numRuns: 300 });
  t.end();
});

t.test('the last call of a profile', (t) => {
  t.same(lastCall(token('X86_64'), [0, 5, null, -101, 3]), { architecture: token('X86_64'), number: 5 });
  t.equal(lastCall(token('X86_64'), [null, -10]), undefined, 'it has none of them');
  t.same(lastCall(token('X32'), [x32 + 7, x32 + 515]), { architecture: token('X32'), number: x32 + 515 });
  t.same(lastCall(token('ARM'), [0x0f_0005, 380]), { architecture: token('ARM'), number: 380 }, 'not the private ones');
  t.end();
});
