// A criu that misbehaves, as the real one cannot be made to. Conformance cases test the real one.
import t from 'tap';
import { PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { requestTypes, responseTable } from './messages.js';
import { encodeMessage } from './wire.js';
import { runCriu, type CriuCall } from './criu.js';

const call: CriuCall = {
  type: 'dump',
  options: { logFile: 'dump.log' },
  directories: { images: '/images', work: '/work' },
  fds: [],
  root: '',
  noTimeout: false,
  answer: () => undefined,
};

interface Fake {
  readonly host: Host;
  readonly did: string[];
}

/** `packets`: what arrives, one per call; undefined: nothing within the time. `log`: its size, at each look. */
function fake(packets: (Uint8Array | null | undefined)[], log: (look: number) => number = () => 0): Fake {
  const did: string[] = [];
  let looks = 0;
  const host = {
    env: () => '/bin',
    access: () => true,
    lstat: () => ({ size: log(looks++) }),
    unlink: (path: string) => did.push(`unlink ${path}`),
    readText: () => '(00.1) Error (criu/a.c:1): the cause\n',
    realPath: (path: string) => path,
    openDirectory: (path: string) => (path === '/work' ? 9 : 8),
    close: (fd: number) => did.push(`close ${fd}`),
    startService: () => ({ pid: 5, pidfd: 6, channel: 7 }),
    sendBytes: () => did.push('say'),
    receiveBytes: () => {
      did.push('wait');
      const bytes = packets.shift();
      if (bytes === undefined) throw { operation: 'poll', errno: 110 };
      return bytes === null ? null : { bytes, fd: -1 };
    },
    pidfdSendSignal: (_pidfd: number, signal: number) => did.push(`signal ${signal}`),
    waitPidfd: () => did.push('end') > 0,
    reap: () => null,
  };
  return { host: host as unknown as Host, did };
}

const answer = (success: boolean): Uint8Array => encodeMessage(responseTable, { type: requestTypes.dump, success });
const question = encodeMessage(responseTable, { type: requestTypes.notify, success: true, notify: { script: 'pre-dump' } });

const begun = ['unlink /work/dump.log', 'say', 'wait'];
/** Its end of the channel, its end, then what it may need until then. */
const ended = ['close 7', 'end', 'end', 'close 6', 'close 8', 'close 9'];

t.test('answers questions until it is done', (t) => {
  const { host, did } = fake([question, question, answer(true)]);
  const asked: string[] = [];
  runCriu(host, { ...call, answer: ({ script }) => void asked.push(script) });
  t.strictSame(asked, ['pre-dump', 'pre-dump']);
  t.strictSame(did, [...begun, 'say', 'wait', 'say', 'wait', ...ended]);
  t.end();
});

t.test('kills one that says and does nothing', (t) => {
  const { host, did } = fake([]);
  t.throws(() => runCriu(host, call), { code: 'E_BUSY', message: /silent for 180 s.*the cause/ });
  t.equal(did.filter((one) => one === 'wait').length, 19, 'after that many looks of 10 s');
  t.ok(did.includes('signal 9'));
  t.end();
});

t.test('waits while its log grows', (t) => {
  const { host } = fake([...Array<undefined>(100).fill(undefined), answer(true)], (look) => look);
  runCriu(host, call);
  t.end();
});

t.test('waits for one that waits for another machine', (t) => {
  const { host } = fake([...Array<undefined>(100).fill(undefined), answer(true)]);
  runCriu(host, { ...call, noTimeout: true });
  t.end();
});

t.test('one that fails, and one that ends', (t) => {
  t.throws(() => runCriu(fake([answer(false)]).host, call), {
    code: 'E_CRIU',
    message: 'criu checkpoint failed: the cause',
    details: { path: '/work/dump.log' },
  });
  t.throws(() => runCriu(fake([question, null]).host, call), { code: 'E_CRIU', message: /ended without an answer/ });
  t.end();
});

t.test('throws what an answer throws, and leaves undoing to criu', (t) => {
  const { host, did } = fake([question]);
  const hook = new PockerError('E_HOOK', 'a hook failed');
  const throwing = (): void => {
    throw hook;
  };
  t.throws(() => runCriu(host, { ...call, answer: throwing }), hook);
  t.ok(did.includes('end'), 'waits for its end');
  t.end();
});

t.test('one that could not be asked anything is killed, and says nothing about it', (t) => {
  const EIO = 5;
  const failing = (operation: keyof Host): Fake => {
    const { host, did } = fake([]);
    const fail = (): never => {
      throw { operation, errno: EIO };
    };
    return { host: { ...host, [operation]: fail }, did };
  };
  for (const operation of ['realPath', 'openDirectory', 'sendBytes'] as const) {
    const { host, did } = failing(operation);
    t.throws(() => runCriu(host, call));
    t.strictSame(did.slice(0, 3), ['unlink /work/dump.log', 'signal 9', 'close 7'], operation);
  }
  const { host, did } = failing('receiveBytes');
  t.throws(() => runCriu(host, call), { code: 'E_CRIU' });
  t.strictSame(did, ['unlink /work/dump.log', 'say', ...ended], 'one that was asked ends by itself, with its directories');
  t.end();
});
