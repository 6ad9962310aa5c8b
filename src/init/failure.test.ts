import t from 'tap';
import type { Received } from '../host/host.js';
import { Operation } from '../plan/step.js';
import { hangupHint, howItEnded, initFailure } from './failure.js';

const failed = (text: string, path = '', number = 22): Received => ({ message: 'failed', step: 0, number, text, path, fd: -1 });

t.test('every operation has its own words', (t) => {
  const operations = Object.values(Operation).filter((name) => typeof name === 'string' && name !== 'NONE') as string[];
  const seen = new Set<string>();
  for (const operation of operations) {
    const { message, code } = initFailure(failed('call'), { operation, pointer: '/field' });
    t.notMatch(message, operation.length > 4 ? operation : /^$/, operation);
    t.not(code, 'E_INTERNAL', operation);
    seen.add(message);
  }
  t.ok(seen.size > operations.length / 2);
  t.end();
});

t.test('the path of the step, if the call has none', (t) => {
  const step = { operation: 'MaskPath', pointer: '/linux/maskedPaths/0', path: '/proc/kcore' };
  t.match(initFailure(failed('statx', '', 9), step).message, 'statx /proc/kcore: bad file descriptor');
  t.match(initFailure(failed('statx', '/other', 9), step).message, 'statx /other: ');
  t.end();
});

t.test('ids that a user namespace does not have', (t) => {
  const hint = (operation: string, text: string): string | undefined =>
    initFailure(failed(text), { operation, pointer: '' }).details.hint;
  t.match(hint('BecomeRoot', 'setresgid'), /^Map id 0: .* gid mappings/);
  t.match(hint('SetUser', 'setresuid'), /uid mappings/);
  t.match(hint('SetUser', 'setgroups'), /gid mappings/);
  t.equal(hint('SetUser', 'capset'), undefined);
  t.equal(initFailure(failed('setresuid', '', 1), { operation: 'SetUser', pointer: '' }).details.hint, undefined, 'EPERM');
  t.end();
});

t.test('the program, and the capabilities with which it is looked for', (t) => {
  const message = (text: string, path: string): string =>
    initFailure(failed(text, path, 28), { operation: 'FindProgram', pointer: '/process/args/0' }).message;
  t.equal(message('exec', '/bin/true'), 'exec: "/bin/true": no space left on device');
  t.equal(message('capset', ''), 'cannot find the program (/process/args/0): capset: no space left on device');
  t.end();
});

t.test('before the first step: the call that failed', (t) => {
  t.equal(
    initFailure(failed('close_range'), undefined).message,
    'cannot start the container process: close_range: invalid argument',
  );
  t.match(initFailure(failed('join', '/sys/fs/cgroup/x'), undefined), { code: 'E_CGROUP' });
  t.end();
});

t.test('how pocker-init ended', (t) => {
  const rows = [
    [null, 'ended', undefined],
    [{ code: 70, signal: 0 }, 'exited with status 70', undefined],
    [{ code: 0, signal: 9 }, 'was killed by SIGKILL', undefined],
    [{ code: 0, signal: 1 }, 'was killed by SIGHUP', 'Its terminal was closed'],
    [{ code: 129, signal: 0 }, 'was killed by SIGHUP', 'Its terminal was closed'],
    [{ code: 143, signal: 0 }, 'was killed by SIGTERM', undefined],
  ] as const;
  for (const [ended, words, hint] of rows) {
    t.equal(howItEnded(ended), words);
    t.equal(hangupHint(ended), hint);
  }
  t.end();
});
