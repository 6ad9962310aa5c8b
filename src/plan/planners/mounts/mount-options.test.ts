import fc from 'fast-check';
import t from 'tap';
import { ATTR, mountOptions, MS } from '../../tables/mounts.js';
import { parseOptions } from './mount-options.js';

const optionNames = [...mountOptions.keys()].filter((name) => !/^(r?idmap|remount)$/.test(name));

t.test('of any mount options, the last one that names a flag decides, and nothing is both set and cleared', (t) => {
  const all = fc.array(fc.oneof(fc.constantFrom(...optionNames), fc.constantFrom('mode=755', 'lowerdir=/a', 'x')));
  const property = fc.property(all, (given) => {
    const parsed = parseOptions(given);
    const last = given.filter((name) => name === 'ro' || name === 'rw').at(-1);
    const readOnly = (parsed.set & ATTR.RDONLY) !== 0 || (parsed.flags & MS.RDONLY) !== 0;
    const unknown = given.filter((name) => !mountOptions.has(name));
    return (
      readOnly === (last === 'ro') &&
      (parsed.flags & parsed.flagsClear) === 0 &&
      (parsed.set & parsed.clear & ~ATTR.ATIME) === 0 &&
      (parsed.recursiveSet & parsed.recursiveClear & ~ATTR.ATIME) === 0 &&
      JSON.stringify(parsed.data) === JSON.stringify(unknown)
    );
  });
  fc.assert(property, { numRuns: 1000 });
  t.end();
});

t.test('options with commas are those between the commas', (t) => {
  const property = fc.property(fc.array(fc.constantFrom(...optionNames, 'mode=755'), { minLength: 1 }), (given) => {
    return JSON.stringify(parseOptions([given.join(',')])) === JSON.stringify(parseOptions(given));
  });
  fc.assert(property);
  t.end();
});
