import t from 'tap';
import { parseSize, resourcesOfFlags } from './resources.js';

t.test('sizes', (t) => {
  const sizes: readonly (readonly [string, bigint | undefined])[] = [
    ['0', 0n],
    ['1024', 1024n],
    ['1k', 1024n],
    ['1K', 1024n],
    ['1kb', 1024n],
    ['1KiB', 1024n],
    ['1.5G', 1610612736n],
    ['0.1k', 102n],
    ['2 T', 2199023255552n],
    ['-1', -1n],
    ['9223372036854771712', 9223372036854771712n],
    ['-2', undefined],
    ['', undefined],
    ['k', undefined],
    ['1x', undefined],
    ['1.', undefined],
    ['1e3', undefined],
  ];
  for (const [text, bytes] of sizes) t.equal(parseSize(text), bytes, JSON.stringify(text));
  t.end();
});

t.test('flags become a linux.resources object, judged as one', (t) => {
  const warnings: string[] = [];
  const resources = (values: Record<string, string>): object => resourcesOfFlags(values, (text) => warnings.push(text));
  t.same(resources({}), {});
  t.same(resources({ memory: '1M', 'memory-swap': '-1', 'cpu-quota': '-1', 'cpuset-cpus': '0-1', 'pids-limit': '5' }), {
    cpu: { quota: -1, cpus: '0-1' },
    memory: { limit: 1048576, swap: -1 },
    pids: { limit: 5 },
  });
  t.same(resources({ memory: '9223372036854771712' }), { memory: { limit: 9223372036854771712n } });
  t.same(warnings, []);
  t.same(resources({ 'kernel-memory': '5M' }), {});
  t.equal(warnings.length, 1);
  t.throws(() => resources({ memory: 'x' }), { code: 'E_USAGE', message: "invalid value for memory: invalid size: 'x'" });
  t.throws(() => resources({ 'cpu-period': '-1' }), { code: 'E_CONFIG_SCHEMA' });
  t.throws(() => resources({ memory: '2M', 'memory-swap': '1M' }), { code: 'E_CONFIG_RULE' });
  t.end();
});
