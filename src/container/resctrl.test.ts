// The files of resctrl as ordinary files. What the kernel does with them can be tested only on a machine that has it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Host } from '../host/host.js';
import { errorPointer } from '../plan/fixtures.js';
import type { RdtPlan } from '../plan/plan.js';
import { surveyRdt, updateRdt } from './resctrl.js';

const require = createRequire(import.meta.url);
const host = require('../../../../dist/pocker.node') as Host;

const warnings: string[] = [];
const warn = (text: string): void => void warnings.push(text);

interface Tree {
  readonly root: string;
  readonly schemata: string;
  readonly rdt: { readonly groups: readonly string[]; readonly made: readonly string[] };
}

function tree(t: Test): Tree {
  const root = t.testdir({ info: { L3: {}, MB: {}, last_cmd_status: 'ok\n' }, gold: {} });
  const schemata = join(root, 'gold/schemata');
  writeFileSync(schemata, '    MB:0=100;1=100\n    L3:0=7ff;1=7ff\n');
  return { root, schemata, rdt: { groups: [join(root, 'gold')], made: [] } };
}

/** Writing replaces the content of a resctrl file; an ordinary file keeps the rest of its text. */
function assertWritten(t: Test, path: string, text: string): void {
  t.equal(readFileSync(path, 'utf8').slice(0, text.length), text);
}

t.test('the monitoring group, which is inside the control group, is removed first', (t) => {
  const root = t.testdir();
  const [directory, monitoring] = [join(root, 'gold'), join(root, 'gold/mon_groups/a')];
  const plan: RdtPlan = { root, directory, make: true, remove: true, schemata: [], monitoring };
  t.same(surveyRdt(host, plan), { groups: [directory, monitoring], made: [monitoring, directory] });
  t.end();
});

t.test('both schemata are written at once, and reverted', (t) => {
  const { root, schemata, rdt } = tree(t);
  const restore = updateRdt(host, { root, rdt, warn, change: { memBwSchema: 'MB:0=20', l3CacheSchema: 'L3:0=f' } });
  assertWritten(t, schemata, 'L3:0=f\nMB:0=20\n');
  restore();
  assertWritten(t, schemata, 'MB:0=100;1=100\nL3:0=7ff;1=7ff\n');
  t.end();
});

t.test('restores the former values of the resources that were changed', (t) => {
  const { root, schemata, rdt } = tree(t);
  updateRdt(host, { root, rdt, warn, change: { memBwSchema: 'MB:0=20' } })();
  assertWritten(t, schemata, 'MB:0=100;1=100\n');
  t.end();
});

t.test('no schema, no change, whatever the machine has', (t) => {
  t.doesNotThrow(() => updateRdt(host, { root: '', rdt: null, warn, change: {} })());
  t.end();
});

t.test('a machine without it, a container without a group', (t) => {
  const { root, rdt } = tree(t);
  const change = { l3CacheSchema: 'L3:0=f' };
  t.equal(
    errorPointer(() => updateRdt(host, { root: '', rdt, warn, change })),
    'E_UNSUPPORTED /linux/intelRdt/l3CacheSchema',
  );
  t.equal(
    errorPointer(() => updateRdt(host, { root: join(root, 'gold'), rdt, warn, change: { memBwSchema: 'MB:0=1' } })),
    'E_UNSUPPORTED /linux/intelRdt/memBwSchema',
  );
  t.equal(
    errorPointer(() => updateRdt(host, { root, rdt: null, warn, change })),
    'E_UNSUPPORTED /linux/intelRdt',
  );
  t.end();
});

t.test('a refusal contains the words of resctrl', (t) => {
  const { root } = tree(t);
  mkdirSync(join(root, 'silver/schemata'), { recursive: true });
  writeFileSync(join(root, 'info/last_cmd_status'), 'mask f0f has non-consecutive 1-bits\n');
  const rdt = { groups: [join(root, 'silver')], made: [] };
  t.throws(() => updateRdt(host, { root, rdt, warn, change: { l3CacheSchema: 'L3:0=f0f' } }), {
    code: 'E_HOST',
    details: { pointer: '/linux/intelRdt/l3CacheSchema', hint: /non-consecutive/ },
  });
  t.same(warnings, []);
  t.end();
});
