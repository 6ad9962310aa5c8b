// --pid-file and --pidfd-socket: how engines identify the container's process.
import { existsSync, readFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import { Terminal } from '../../../harness/topics/terminal.js';

test('the pid, and nothing else', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  succeeded(t, await container.create({ flags: ['--pid-file', box.path('pid')] }));
  t.equal(readFileSync(box.path('pid'), 'utf8'), String((await container.state()).pid));
});

test(
  'a relative path starts at the working directory of the caller',
  async (t, box) => {
    const container = box.container();
    succeeded(t, await container.create({ flags: ['--pid-file', 'here.pid'], cwd: box.directory }));
    t.ok(existsSync(box.path('here.pid')));
  },
  { knownDifferences: { crun: 'starts at the bundle' } },
);

test('an existing file is replaced', async (t, box) => {
  const container = box.container();
  await box.command('sh', ['-c', `echo a much longer text than a pid > ${box.path('pid')}`]);
  succeeded(t, await container.create({ flags: ['--pid-file', box.path('pid')] }));
  t.match(readFileSync(box.path('pid'), 'utf8'), /^\d+$/);
});

test('if the directory does not exist, create fails and nothing is left', async (t, box) => {
  const container = box.container();
  failed(t, await container.create({ flags: ['--pid-file', box.path('no', 'pid')] }));
  t.same(await box.leftovers(), []);
});

test('a failed create leaves no pid file', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['/no/such/program'];
  });
  failed(t, await container.create({ flags: ['--pid-file', box.path('pid')] }));
  t.notOk(existsSync(box.path('pid')));
});

test(
  '--pidfd-socket: the process as a descriptor',
  async (t, box) => {
    const socket = await Terminal.listen(box);
    const container = box.container();
    succeeded(t, await container.create({ flags: ['--pidfd-socket', socket.socket] }));
    t.match(await socket.facts(), { name: 'standard', isMaster: false });
  },
  { knownDifferences: { crun: 'has an annotation instead', 'runc 1.1': 'is older than this rule' } },
);

test(
  'nobody listens on --pidfd-socket',
  async (t, box) => {
    const container = box.container();
    failed(t, await container.create({ flags: ['--pidfd-socket', box.path('nobody')] }), /pidfd/);
    t.same(await box.leftovers(), []);
  },
  {
    knownDifferences: {
      crun: 'has an annotation instead',
      'runc 1.5': 'names the path alone, and leaves the state',
      'runc 1.1': 'is older than this rule',
    },
  },
);
