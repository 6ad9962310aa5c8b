// `list` in runc's formats.
import { mkdirSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import { runtime } from '../../../harness/runtime.js';

interface Row {
  readonly id: string;
  readonly pid: number;
  readonly status: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly owner: string;
}

test(
  'nothing to list',
  async (t, box) => {
    mkdirSync(box.stateRoot);
    const table = await box.runtime(['list']);
    succeeded(t, table);
    t.match(table.stdout, /^ID +PID +STATUS +BUNDLE +CREATED +OWNER *\n$/);
    t.equal((await box.runtime(['list', '-q'])).stdout.trim(), '');
    t.ok(['null', '[]'].includes((await box.runtime(['list', '--format', 'json'])).stdout.trim()));
  },
  { knownDifferences: { crun: 'has another table' } },
);

test(
  'a --root that does not exist is an error, but not the default one',
  async (t, box) => {
    const result = await box.runtime(['list']);
    failed(t, result, /no such file or directory/i);
    t.equal(result.stdout, '');
    const env = { ...process.env, XDG_RUNTIME_DIR: box.path('run') };
    // Without a user namespace, $XDG_RUNTIME_DIR only applies to ordinary users.
    const usual = await box.command('unshare', ['-U', runtime.path, 'list', '-q'], { env });
    succeeded(t, usual);
    t.equal(usual.stdout, '');
  },
  { knownDifferences: { crun: 'lists nothing', 'runc 1.1': 'lists nothing' } },
);

test(
  'containers in each format',
  async (t, box) => {
    const first = box.container((config) => {
      config.process.args = ['sleep', '60'];
      config.annotations = { key: 'value' };
    });
    const second = box.container();
    await first.up();
    succeeded(t, await second.create());
    const ids = (await box.runtime(['list', '--quiet'])).stdout.trim().split('\n').sort();
    t.same(ids, [first.id, second.id].sort());
    const rows = JSON.parse((await box.runtime(['list', '-f', 'json'])).stdout) as Row[];
    const row = rows.find((one) => one.id === first.id);
    const state = await first.state();
    t.match(row, { pid: state.pid, status: 'running', bundle: first.bundle, owner: 'root', annotations: { key: 'value' } });
    t.match(row?.created, /^\d{4}-\d\d-\d\dT/);
    t.equal(rows.find((one) => one.id === second.id)?.status, 'created');
    const table = (await box.runtime(['list', '--format=table'])).stdout;
    t.match(table, new RegExp(`^${first.id} +${state.pid} +running +${first.bundle} +\\d{4}-\\S+ +root *$`, 'm'));
  },
  { knownDifferences: { crun: 'omits the annotations' } },
);

test('an unknown format is refused', async (t, box) => {
  mkdirSync(box.stateRoot);
  failed(t, await box.runtime(['list', '--format', 'xml']), /xml|format/i);
});
