import t from 'tap';
import { errorPointer, factsOf, planOf } from '../fixtures.js';
import type { Linux } from '../spec-types.js';

const rdtOf = (intelRdt: NonNullable<Linux['intelRdt']>): unknown => planOf({ linux: { intelRdt } }).rdt;
const root = '/sys/fs/resctrl';

t.test('groups: which, made by whom, removed by whom', (t) => {
  const cases: [NonNullable<Linux['intelRdt']>, object][] = [
    [{}, { directory: `${root}/c1`, make: true, remove: true, schemata: [], monitoring: '' }],
    [{ closID: 'gold' }, { directory: `${root}/gold`, make: false, remove: false }],
    [
      { closID: 'gold', schemata: ['L3:0=f'] },
      { directory: `${root}/gold`, make: true, remove: false },
    ],
    [
      { closID: '/', schemata: ['L3:0=f'] },
      { directory: root, make: false, remove: false },
    ],
    [{ enableMonitoring: true }, { monitoring: `${root}/c1/mon_groups/c1` }],
    [{ closID: 'gold', enableMonitoring: true }, { monitoring: `${root}/gold/mon_groups/c1` }],
    [{ closID: '/', enableMonitoring: true }, { monitoring: `${root}/mon_groups/c1` }],
  ];
  for (const [intelRdt, expected] of cases) t.match(rdtOf(intelRdt), expected, JSON.stringify(intelRdt));
  t.equal(planOf().rdt, null);
  t.end();
});

t.test('schemata in their order: L3, MB, the others', (t) => {
  const schemata = ['L2:0=f', 'MB:1=70'];
  t.match(rdtOf({ schemata, memBwSchema: 'MB:0=20', l3CacheSchema: 'L3:0=f' }), {
    schemata: [
      { line: 'L3:0=f', compared: true, pointer: '/linux/intelRdt/l3CacheSchema' },
      { line: 'MB:0=20', compared: true, pointer: '/linux/intelRdt/memBwSchema' },
      { line: 'L2:0=f', compared: false, pointer: '/linux/intelRdt/schemata/0' },
      { line: 'MB:1=70', compared: false, pointer: '/linux/intelRdt/schemata/1' },
    ],
  });
  t.end();
});

t.test('a machine without resctrl', (t) => {
  t.equal(
    errorPointer(() => planOf({ linux: { intelRdt: {} } }, factsOf('v2', { resctrl: '' }))),
    'E_CONFIG_RULE /linux/intelRdt',
  );
  t.end();
});
