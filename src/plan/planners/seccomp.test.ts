import t from 'tap';
import { errorPointer, factsOf, only, planOf } from '../fixtures.js';
import type { Seccomp } from '../spec-types.js';
import { SeccompT } from '../step.js';

const plan = (seccomp: Seccomp) => planOf({ linux: { seccomp } }, factsOf('v2'));

t.test('names become numbers', (t) => {
  const { seccomp } = plan({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'],
    syscalls: [
      { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
      {
        names: ['clone'],
        action: 'SCMP_ACT_KILL_PROCESS',
        args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0xffff_ffff_ffff_ffffn, valueTwo: 5 }],
      },
      { names: ['open'], action: 'SCMP_ACT_TRACE', errnoRet: 7 },
      { names: ['same'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
    ],
  });
  t.same(seccomp?.filter, {
    defaultAction: 0x0005_0001,
    architectures: [0xc000_003e, 0x4000_003e],
    rules: [
      { action: 0x7fff_0000, names: ['read', 'write'], args: [] },
      { action: 0x8000_0000, names: ['clone'], args: [{ index: 0, op: 7, value: 0xffff_ffff_ffff_ffffn, valueTwo: 5n }] },
      { action: 0x7ff0_0007, names: ['open'], args: [] },
    ],
  });
  t.end();
});

t.test('several conditions on one argument are alternatives', (t) => {
  const arg = (value: number) => ({ index: 0, op: 'SCMP_CMP_EQ' as const, value });
  const { seccomp } = plan({
    defaultAction: 'SCMP_ACT_KILL',
    syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [arg(0), arg(8)] }],
  });
  t.same(
    seccomp?.filter.rules.map(({ args }) => args.map(({ value }) => value)),
    [[0n], [8n]],
  );
  t.end();
});

t.test('flags', (t) => {
  const flags = (names: Seccomp['flags']): number =>
    only(plan({ defaultAction: 'SCMP_ACT_ALLOW', ...(names === undefined ? {} : { flags: names }) }), SeccompT).flags;
  t.equal(flags(undefined), 4, 'SPEC_ALLOW without any');
  t.equal(flags([]), 0);
  t.equal(flags(['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_TSYNC']), 2, 'TSYNC is useless with one thread');
  t.end();
});

t.test('a listener', (t) => {
  const syscalls = [{ names: ['mount'], action: 'SCMP_ACT_NOTIFY' as const }];
  const made = plan({ defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/run/agent', listenerMetadata: 'm', syscalls });
  t.same(made.seccomp?.listener, { path: '/run/agent', metadata: 'm' });
  t.match(only(made, SeccompT), { listener: true, flags: 0xc });
  t.equal(
    plan({ defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/run/agent' }).seccomp?.listener,
    null,
    'ignored without the action',
  );
  t.end();
});

t.test('ENOSYS for newer calls, unless the default action lets them pass', (t) => {
  const cases: [Seccomp, boolean][] = [
    [{ defaultAction: 'SCMP_ACT_ERRNO' }, true],
    [{ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 }, true],
    [{ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 }, false],
    [{ defaultAction: 'SCMP_ACT_KILL_PROCESS' }, true],
    [{ defaultAction: 'SCMP_ACT_TRAP' }, true],
    [{ defaultAction: 'SCMP_ACT_ALLOW' }, false],
    [{ defaultAction: 'SCMP_ACT_LOG' }, false],
    [{ defaultAction: 'SCMP_ACT_TRACE' }, false],
  ];
  for (const [seccomp, wanted] of cases) t.equal(plan(seccomp).seccomp?.refuseNewer, wanted, JSON.stringify(seccomp));
  t.end();
});

t.test('names that must be known', (t) => {
  const seccomp: Seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a', 'b'], action: 'SCMP_ACT_LOG' }] };
  const known = (annotations: Record<string, string>) =>
    planOf({ linux: { seccomp }, root: { annotations } }, factsOf('v2')).seccomp?.mustKnow;
  t.same(known({}), []);
  t.same(known({ 'run.oci.seccomp_fail_unknown_syscall': '0' }), []);
  t.same(known({ 'run.oci.seccomp_fail_unknown_syscall': '1' }), [['a', 'b']]);
  t.end();
});

t.test('refused, naming the field', (t) => {
  const cases: [Seccomp, string][] = [
    [{ defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 }, '/defaultErrnoRet'],
    [{ defaultAction: 'SCMP_ACT_FOO' as 'SCMP_ACT_LOG' }, '/defaultAction'],
    [{ defaultAction: 'SCMP_ACT_NOTIFY' }, '/defaultAction'],
    [{ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 5000 }, '/defaultErrnoRet'],
    [{ defaultAction: 'SCMP_ACT_ALLOW', listenerMetadata: 'x' }, '/listenerMetadata'],
    [{ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], action: 'SCMP_ACT_NOTIFY' }] }, '/listenerPath'],
    [
      { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG', errnoRet: 1 }] },
      '/syscalls/0/errnoRet',
    ],
    [
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG', args: [{ index: 6, op: 'SCMP_CMP_EQ', value: 0 }] }],
      },
      '/syscalls/0/args/0/index',
    ],
    [{ defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_Z80' as 'SCMP_ARCH_ARM'] }, '/architectures/0'],
  ];
  for (const [seccomp, pointer] of cases)
    t.equal(
      errorPointer(() => plan(seccomp)),
      `E_CONFIG_RULE /linux/seccomp${pointer}`,
    );
  t.end();
});
