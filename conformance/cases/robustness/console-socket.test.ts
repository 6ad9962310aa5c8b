// --console-socket and --pidfd-socket with nobody, or a strange peer, at the other end: a quick error or success, and nothing is
// left behind. The same for create and exec.
import { createServer, type Server, Socket } from 'node:net';
import { failed, succeeded, type Tap, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import type { CommandResult } from '../../harness/command.js';
import type { Config } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';
import { Terminal } from '../../harness/topics/terminal.js';
import { runtime } from '../../harness/runtime.js';

function withDevpts(config: Config): void {
  config.mounts.push({ destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] });
}

function withTerminal(config: Config): void {
  withDevpts(config);
  config.process.terminal = true;
  config.process.args = ['sleep', '60'];
}

interface Way {
  /** Exit code of a failure. */
  readonly code: number;
  readonly prepare: (box: Box) => Promise<Container>;
  readonly call: (container: Container, socket: string) => Promise<CommandResult>;
  /** What exists after it has failed, and nothing else. */
  readonly untouched: (t: Tap, container: Container) => Promise<void>;
}

const ways: Readonly<Record<string, Way>> = {
  create: {
    code: 1,
    prepare: (box) => Promise.resolve(box.container(withTerminal)),
    call: (container, socket) => container.create({ flags: ['--console-socket', socket] }),
    untouched: async (t, { box }) => {
      t.same(await box.leftovers(), []);
    },
  },
  exec: {
    code: 255,
    prepare: (box) => box.running(withDevpts),
    call: (container, socket) =>
      container.verb('exec', { flags: ['--tty', '--detach', '--console-socket', socket] }, ['sleep', '60']),
    untouched: async (t, container) => {
      const { stdout } = await container.verb('ps', { flags: ['--format', 'json'] });
      t.same(JSON.parse(stdout), [(await container.state()).pid], 'the container has its own process, and no other');
    },
  },
};

/** The runtime itself failed, with a message; the container is unchanged. */
async function refused(
  t: Tap,
  { container, way: { code, untouched } }: { container: Container; way: Way },
  result: CommandResult,
  message: RegExp,
): Promise<void> {
  t.same([result.code, result.timedOut], [code, false], 'it fails', { stderr: result.stderr });
  t.match(result.stderr, message, 'and says why');
  await untouched(t, container);
}

/** By kind: makes something at the path, or returns another path. */
const places: Readonly<Record<string, readonly [message: RegExp, make: (box: Box) => Promise<string> | string | undefined]>> = {
  'is not there': [/no such file/, () => undefined],
  'is in a directory that is not there': [/no such file/, (box) => box.path('none', 'socket')],
  'is below a file': [/not a directory/, (box) => box.path('busybox', 'socket')],
  'is a directory': [/refused/, (box) => box.path('log')],
  'is a file': [/refused/, (box) => box.path('busybox')],
  'is a device': [/refused/, () => '/dev/null'],
  'is called with more than fits into an address': [
    runtime.isOurs ? /name too long/ : /invalid argument/,
    (box) => box.path('x'.repeat(150)),
  ],
  'is left of a program that has ended': [
    /refused/,
    async (box) => {
      const terminal = await Terminal.listen(box);
      await terminal.signal('SIGKILL');
      return terminal.socket;
    },
  ],
};

/** A server that treats its peers like this. */
async function listen(box: Box, treat: (peer: Socket) => void): Promise<string> {
  const server: Server = createServer({ pauseOnConnect: true }, treat);
  const path = box.path('server.sock');
  const peers: Socket[] = [];
  server.on('connection', (peer) => peers.push(peer));
  box.atEnd(() => {
    for (const peer of peers) peer.destroy();
    server.close();
  });
  await new Promise<void>((done) => server.listen(path, done));
  return path;
}

/** Connects as long as there is room in the queue. */
async function fill(box: Box, path: string): Promise<void> {
  for (let open = true; open;) {
    const peer = new Socket();
    box.atEnd(() => peer.destroy());
    open = await new Promise<boolean>((done) => {
      peer.once('connect', () => done(true));
      peer.once('error', () => done(false));
      peer.connect(path);
    });
  }
}

for (const [verb, way] of Object.entries(ways)) {
  const { prepare, call } = way;
  for (const [name, [message, make]] of Object.entries(places)) {
    test(`${verb}: the console socket ${name}`, async (t, box) => {
      const container = await prepare(box);
      const path = (await make(box)) ?? box.path('socket');
      await refused(t, { container, way }, await call(container, path), message);
    });
  }

  test(`${verb}: a peer that never reads has the terminal in its queue`, async (t, box) => {
    const container = await prepare(box);
    const socket = await listen(box, () => undefined);
    succeeded(t, await call(container, socket));
    t.match((await container.state()).status, /created|running/);
  });

  test(`${verb}: a peer that does not even accept gets the terminal when it does`, async (t, box) => {
    const container = await prepare(box);
    const terminal = await Terminal.listen(box);
    await terminal.signal('SIGSTOP');
    succeeded(t, await call(container, terminal.socket));
    await terminal.signal('SIGCONT');
    t.equal((await terminal.facts()).isMaster, true);
    succeeded(t, await container.delete({ flags: ['--force'] }));
  });

  test(`${verb}: a peer that closes the connection at once`, async (t, box) => {
    const container = await prepare(box);
    const socket = await listen(box, (peer) => peer.destroy());
    const result = await call(container, socket);
    t.equal(result.timedOut, false);
    // Whether it was there when the terminal was sent is a matter of chance.
    if (result.code !== 0) {
      await refused(t, { container, way }, result, runtime.isOurs ? /broken pipe|connection reset|SIGHUP/ : /\S/);
    } else {
      t.match((await container.state()).status, /created|running|stopped/);
    }
  });
}

test('create: a queue that stays full', async (t, box) => {
  const container = box.container(withTerminal);
  const terminal = await Terminal.listen(box);
  await terminal.signal('SIGSTOP');
  await fill(box, terminal.socket);
  const result = await container.create({ flags: ['--console-socket', terminal.socket] });
  failed(t, result, /timed out|temporarily unavailable/);
  t.same(await box.leftovers(), []);
});

test(
  'a pidfd socket on which nobody listens',
  async (t, box) => {
    const container = await box.running();
    const result = await container.verb('exec', { flags: ['--pidfd-socket', box.path('none')] }, ['true']);
    t.equal(result.code, 255);
    t.match(result.stderr, /pidfd.*none.*no such file/);
    const other = box.container();
    failed(t, await other.create({ flags: ['--pidfd-socket', box.path('none')] }), /pidfd.*none.*no such file/);
    failed(t, await other.verb('state'), /does not exist/);
  },
  { knownDifferences: { runc: '1.1.5 has no --pidfd-socket', crun: 'has no --pidfd-socket' } },
);
