import t from 'tap';
import { parseJson } from '../json/json.js';
import { judge } from './judge.js';
import type { Spec } from './rule.js';

const minimal: Spec = { ociVersion: '1.3.0', root: { path: 'rootfs' } };
const sh = { cwd: '/', args: ['sh'] };

t.test('advice only warns', (tt) => {
  const text = JSON.stringify({
    ...minimal,
    mounts: [{ destination: 'data' }],
    process: { ...sh, capabilities: { ambient: ['CAP_KILL'], permitted: ['CAP_KILL'] } },
  });
  const { warnings } = judge(parseJson('c', text));
  tt.same(
    warnings.map(({ pointer }) => pointer),
    ['/mounts/0/destination', '/process/capabilities/ambient/0'],
  );
  tt.end();
});

t.test('an annotation may contain a NUL: it is only displayed', (tt) => {
  const text = JSON.stringify({ ...minimal, annotations: { a: '\0' } });
  tt.equal(judge(parseJson('c', text)).spec.annotations?.['a'], '\0');
  tt.end();
});

t.test('all broken rules are one error, with positions', (tt) => {
  const text = '{"ociVersion": "1.3.0", "hostname": "h",\n "process": {"cwd": "a", "args": ["a\\u0000b"]}}';
  tt.throws(() => judge(parseJson('config.json', text)), {
    code: 'E_CONFIG_RULE',
    message: [
      'config.json: /root (line 1, column 1): is missing, but required: {"path": "rootfs"} (1 of 4)',
      '  /process/cwd (line 2, column 21): found "a", expected an absolute path',
      '  /hostname (line 1, column 37): needs a namespace of its own: {"type": "uts"} in linux.namespaces',
      '  /process/args/0 (line 2, column 35): has a NUL character (\\u0000), which no path, argument or variable can hold',
    ].join('\n'),
    details: { pointer: '/root' },
  });
  tt.end();
});
