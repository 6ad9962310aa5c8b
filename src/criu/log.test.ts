import t from 'tap';
import { errorsIn } from './log.js';

t.test('the last errors', (t) => {
  const log = `(00.000001) Version: 3.17.1
(00.080876) Error (criu/tun.c:85): tun: Unable to create tun: No such file or directory
(00.090000)      1: Error (criu/mount.c:12): mnt: first
(00.090001) Warn  (criu/mount.c:13): mnt: a warning
(00.090002)      1: Error (criu/mount.c:12): mnt: first
(00.090003) Error (criu/mount.c:14): mnt: second (of many)
(00.090004) Error (criu/mount.c:14): mnt: third
(00.090005) Error (criu/cr-dump.c:1781): Dumping FAILED.
`;
  t.strictSame(errorsIn(log), ['mnt: first', 'mnt: second (of many)', 'mnt: third']);
  t.strictSame(errorsIn(''), []);
  t.end();
});
