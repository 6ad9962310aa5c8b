// config.md, "process.terminal" and "consoleSize", with --console-socket as engines use it.
import { failed, succeeded, test } from '../../../harness/case.js';
import { type Config, type Mount, shell } from '../../../harness/config.js';
import { Terminal } from '../../../harness/topics/terminal.js';
import { runtime } from '../../../harness/runtime.js';

const devpts: Mount = {
  destination: '/dev/pts',
  type: 'devpts',
  source: 'devpts',
  options: ['newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
};

function withTerminal(script: string): (config: Config) => void {
  return (config) => {
    config.mounts.push(devpts);
    config.process.terminal = true;
    config.process.args = shell(script);
  };
}

test('the master comes through the socket before create returns', async (t, box) => {
  const container = box.container(withTerminal('true'));
  const terminal = await Terminal.listen(box);
  succeeded(t, await container.create({ flags: ['--console-socket', terminal.socket] }));
  t.equal((await terminal.facts()).isMaster, true);
  succeeded(t, await container.start());
  await container.waitFor('stopped');
});

test('the terminal is the program’s three descriptors and its controlling terminal', async (t, box) => {
  const script =
    'for n in 0 1 2; do test -t $n && readlink /proc/self/fd/$n; done; tty; ps -o tty | tail -1; echo hello > /dev/tty; echo end';
  const container = box.container(withTerminal(script));
  const terminal = await Terminal.listen(box);
  await container.up({ flags: ['--console-socket', terminal.socket] });
  await terminal.waitFor('end');
  const shown = terminal.shown();
  t.match(shown, /^(\/dev\/pts\/0|\/dev\/console)\n\1\n\1\n/);
  t.match(shown, /hello\nend/);
});

test('the terminal’s modes are the kernel’s: it adds a carriage return to each line (ONLCR)', async (t, box) => {
  const container = box.container(withTerminal('echo one; echo end'));
  const terminal = await Terminal.listen(box);
  await container.up({ flags: ['--console-socket', terminal.socket] });
  await terminal.waitFor('end');
  t.equal(terminal.bytes(), 'one\r\nend\r\n');
});

test('what is typed arrives, with echo', async (t, box) => {
  const container = box.container(withTerminal('read line; echo "got $line"'));
  const terminal = await Terminal.listen(box);
  await container.up({ flags: ['--console-socket', terminal.socket] });
  terminal.type('some words\n');
  await terminal.waitFor('got some words');
  t.match(terminal.shown(), /^some words\ngot some words\n/);
  await container.waitFor('stopped');
});

test('control-C is SIGINT', async (t, box) => {
  const container = box.container(withTerminal("trap 'echo interrupted; exit' INT; echo ready; while :; do sleep 0.05; done"));
  const terminal = await Terminal.listen(box);
  await container.up({ flags: ['--console-socket', terminal.socket] });
  await terminal.waitFor('ready');
  terminal.type('\x03');
  await terminal.waitFor('interrupted');
  t.equal((await container.waitFor('stopped')).status, 'stopped');
});

test('consoleSize', async (t, box) => {
  const container = box.container((config) => {
    withTerminal('stty size')(config);
    config.process.consoleSize = { height: 33, width: 111 };
  });
  const terminal = await Terminal.listen(box);
  await container.up({ flags: ['--console-socket', terminal.socket] });
  await terminal.waitFor('33 111');
  const facts = await terminal.facts();
  t.same([facts.rows, facts.columns], [33, 111]);
});

test('/dev/console is the terminal', async (t, box) => {
  const container = box.container(
    withTerminal('test -c /dev/console && echo written > /dev/console; grep -c " /dev/console " /proc/self/mountinfo'),
  );
  const terminal = await Terminal.listen(box);
  await container.up({ flags: ['--console-socket', terminal.socket] });
  await terminal.waitFor('written\n1');
  t.equal(terminal.shown(), 'written\n1\n');
});

test('the terminal belongs to the program’s user', async (t, box) => {
  const container = box.container((config) => {
    withTerminal('stat -Lc %u /proc/self/fd/0; echo end')(config);
    config.process.user = { uid: 1000, gid: 1000 };
  });
  const terminal = await Terminal.listen(box);
  await container.up({ flags: ['--console-socket', terminal.socket] });
  await terminal.waitFor('end');
  t.equal(terminal.shown(), '1000\nend\n');
});

test('a terminal in a user namespace', async (t, box) => {
  const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const container = box.container((config) => {
    withTerminal('stat -Lc %u /proc/self/fd/0; echo end')(config);
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = map;
    config.linux.gidMappings = map;
  });
  const terminal = await Terminal.listen(box);
  await container.up({ flags: ['--console-socket', terminal.socket] });
  await terminal.waitFor('end');
  t.equal(terminal.shown(), '0\nend\n');
});

test('create of a container with a terminal requires a console socket', async (t, box) => {
  const container = box.container(withTerminal('true'));
  failed(t, await container.create(), /console.?socket|socket/i);
  t.same(await box.leftovers(), []);
});

test(
  'a console socket without a terminal is refused',
  async (t, box) => {
    const container = box.container();
    const terminal = await Terminal.listen(box);
    failed(t, await container.create({ flags: ['--console-socket', terminal.socket] }));
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'takes it' } },
);

test('a console socket that does not exist', async (t, box) => {
  const container = box.container(withTerminal('true'));
  failed(t, await container.create({ flags: ['--console-socket', box.path('none.sock')] }), /none\.sock/);
  t.same(await box.leftovers(), []);
});

test(
  'run gives the program its own terminal',
  async (t, box) => {
    const container = box.container(
      withTerminal('test -t 0 && tty; for n in 1 2 3 4 5; do stty size; sleep 0.05; done; echo end'),
    );
    const call = `stty rows 21 cols 84; exec ${runtime.path} --root ${box.stateRoot} run --bundle ${container.bundle} ${container.id}`;
    const result = await box.command('script', ['-qec', call, '/dev/null']);
    t.match(result.stdout, /\/dev\/(pts\/0|console)/);
    t.match(result.stdout, /21 84/);
    t.equal(result.code, 0);
  },
  { knownDifferences: { 'crun 1.8': 'sets no size' } },
);
