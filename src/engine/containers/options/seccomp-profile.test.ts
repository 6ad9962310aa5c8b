// Seccomp profiles as users have them.
import t from 'tap';
import type { Engine } from '../../engine.js';
import { profileOf } from './seccomp-profile.js';

const read = (profile: object): unknown =>
  profileOf({} as Engine, JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', ...profile }));
const rule = (fields: object): object => ({ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', ...fields });

void t.test('names of errors, as in podman’s profiles, count before numbers', (t) => {
  const numbers = (...fields: readonly object[]): unknown =>
    (read({ syscalls: fields.map(rule) }) as { syscalls: unknown }).syscalls;
  t.same(
    numbers(
      { errno: 'ENOSYS' },
      { errno: 'EPERM', errnoRet: 38 },
      { errno: '13' },
      { errno: '', errnoRet: 5 },
      { errnoRet: 6 },
      {},
    ),
    [
      rule({ errnoRet: 38 }),
      rule({ errnoRet: 1 }),
      rule({ errnoRet: 13 }),
      rule({ errnoRet: 5 }),
      rule({ errnoRet: 6 }),
      rule({}),
    ],
  );
  t.same(read({ defaultErrno: 'ENOSYS', defaultErrnoRet: 1 }), { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 });
  t.same(read({ defaultErrno: null, defaultErrnoRet: 1 }), { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 });
  t.end();
});

void t.test('a name that there is not is an error', (t) => {
  for (const errno of ['ENOPE', 'eperm', '1.5', '-1', '0x1', '99999999999'])
    for (const profile of [{ syscalls: [rule({ errno })] }, { defaultErrno: errno }])
      t.throws(() => read(profile), { message: `seccomp profile: unknown errno ${JSON.stringify(errno)}` }, errno);
  t.throws(() => read({ syscalls: [rule({ errno: 1 })] }), { message: /\/syscalls\/0\/errno is not what it must be/ });
  t.end();
});
