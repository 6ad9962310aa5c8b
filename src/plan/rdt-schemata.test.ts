import t from 'tap';
import { schemataAgree } from './rdt-schemata.js';

/** As printed by the kernel. */
const present = '    MB:0=  20;1=  70\n    L3:0=00007f0;1=000001f\nL2CODE:0=ff\n';

const cases: [wanted: string, step: number, agrees: boolean][] = [
  ['L3:0=7f0;1=1f', 1, true],
  ['L3:1=1F', 1, true],
  ['L3:0=7f0;1=f', 1, false],
  ['L3:0=7f0;2=1f', 1, false],
  ['MB:0=20;1=70', 1, true],
  ['MB:0=15;1=70', 1, false],
  ['MB:0=15;1=61', 10, true],
  ['MB:0=10;1=70', 10, false],
  ['MB:0=30;1=70', 10, false],
  ['L2CODE:0=ff', 1, true],
  ['L2DATA:0=ff', 1, false],
  ['L3', 1, false],
  ['L3:0=xyz', 1, false],
  ['L3:0=7f0:1=1f', 1, false],
  ['', 1, false],
];

t.test('what a group already has', (t) => {
  for (const [wanted, step, agrees] of cases)
    t.equal(schemataAgree(wanted, present, step), agrees, `${wanted} in steps of ${step}`);
  t.end();
});
