import t from 'tap';
import { PockerError } from '../errors.js';
import { errorMessage } from './wire.js';

t.test("errors name the library's options, not flags", (t) => {
  const told = (code: 'E_STATE' | 'E_USAGE' | 'E_HOOK', message: string, hint: string): readonly (string | undefined)[] => {
    const error = errorMessage(new PockerError(code, message, { hint }));
    return [error.message, error.hint];
  };
  t.same(told('E_STATE', 'paused (use --ignore-paused to override)', 'or use --force'), [
    'paused (use ignorePaused to override)',
    'or use force',
  ]);
  t.same(told('E_USAGE', '--preserve-fds 3: not open', 'Omit --systemd-cgroup'), [
    'fds 3: not open',
    'Omit cgroupManager "systemd"',
  ]);
  t.same(told('E_STATE', 'container a--b', 'try `pocker-runc spec --rootless`'), [
    'container a--b',
    'try `pocker-runc spec --rootless`',
  ]);
  t.same(told('E_HOOK', 'it wrote: no --force', ''), ['it wrote: no --force', '']);
  t.end();
});
