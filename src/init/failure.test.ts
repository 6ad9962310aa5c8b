import t from 'tap';
import type { Received } from '../host/host.js';
import { Operation } from '../plan/step.js';
import { initFailure } from './failure.js';

const failed = (text: string, path = '', number = 22): Received => ({ message: 'failed', step: 0, number, text, path, fd: -1 });

t.test('every operation has words of its own', (t) => {
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
  t.match(hint('BecomeRoot', 'setresgid'), /gid mappings .* no id 0/);
  t.match(hint('SetUser', 'setresuid'), /uid mappings/);
  t.match(hint('SetUser', 'setgroups'), /gid mappings/);
  t.equal(hint('SetUser', 'capset'), undefined);
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
