// config-linux.md, "Seccomp": what the kernel does with the system calls of a program under a filter.
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';
import { syscallProgram } from '../../harness/helpers/programs.js';
import { filtered } from '../../harness/topics/filtered.js';
import { engineProfile, type Profile } from '../../harness/seccomp-profile.js';
import type { Box } from '../../harness/box.js';

const x86 = process.arch === 'x64' ? false : 'the numbers are those of x86-64';
const sysinfo = 99;

/** The errnos of system calls made under the filter. */
async function errnos(box: Box, seccomp: Profile, calls: readonly string[]): Promise<number[]> {
  const container = filtered(box, seccomp, (config) => {
    config.process.args = ['/syscall', ...calls];
  });
  copyFileSync(syscallProgram(), join(container.rootfs, 'syscall'));
  const result = await container.run();
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  return result.stdout.trim().split('\n').map(Number);
}

const only = (action: string, more: Partial<Profile> = {}, errnoRet?: number): Profile => {
  const rule = { names: ['sysinfo'], action, ...(errnoRet === undefined ? {} : { errnoRet }) };
  return { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule], ...more };
};

test('an errno, EPERM by default', async (t, box) => {
  t.same(await errnos(box, only('SCMP_ACT_ERRNO'), [`${sysinfo}`, '39']), [1, 0]);
  t.same(await errnos(box, only('SCMP_ACT_ERRNO', {}, 77), [`${sysinfo}`]), [77]);
});

test('actions that allow the call, or that nothing handles', async (t, box) => {
  t.same(await errnos(box, only('SCMP_ACT_LOG'), [`${sysinfo}`]), [14], 'EFAULT: it was made');
  t.same(await errnos(box, only('SCMP_ACT_TRACE'), [`${sysinfo}`]), [38], 'ENOSYS: no tracer');
});

for (const action of ['SCMP_ACT_KILL', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP']) {
  test(`${action} ends the program with SIGSYS`, async (t, box) => {
    const container = filtered(box, only(action), (config) => {
      config.process.args = shell('/syscall 39 99; echo $?');
    });
    copyFileSync(syscallProgram(), join(container.rootfs, 'syscall'));
    t.match((await container.run()).stdout, /159\n$/);
  });
}

const argument = (op: string, value: number, valueTwo = 0): Profile => {
  const args = [{ index: 0, value, valueTwo, op }];
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['umask'], action: 'SCMP_ACT_ERRNO', errnoRet: 77, args }],
  };
};
const umask = [6, 7, 8].map((value) => `95:${value}`);

for (const [op, expected] of Object.entries({
  SCMP_CMP_NE: [77, 0, 77],
  SCMP_CMP_LT: [77, 0, 0],
  SCMP_CMP_LE: [77, 77, 0],
  SCMP_CMP_EQ: [0, 77, 0],
  SCMP_CMP_GE: [0, 77, 77],
  SCMP_CMP_GT: [0, 0, 77],
})) {
  test(
    `${op} of an argument`,
    async (t, box) => {
      t.same(await errnos(box, argument(op, 7), umask), expected);
    },
    { skip: x86 },
  );
}

test(
  'SCMP_CMP_MASKED_EQ of an argument',
  async (t, box) => {
    t.same(await errnos(box, argument('SCMP_CMP_MASKED_EQ', 6, 6), umask), [77, 77, 0]);
  },
  { skip: x86 },
);

test(
  "an engine's profile: most is allowed, some is not, on every architecture",
  async (t, box) => {
    // getpid, unshare(CLONE_NEWUSER), AF_VSOCK; the same on i386.
    const calls = ['39', '272:0x10000000', '41:40:1', 'i386:20', 'i386:310:0x10000000'];
    t.same(await errnos(box, engineProfile(), calls), [0, 1, 1, 0, 1]);
  },
  { skip: x86 },
);

test(
  'a system call that is newer than the profile is ENOSYS, not the default action',
  async (t, box) => {
    t.same(await errnos(box, engineProfile(), ['1000', 'i386:1000', '165']), [38, 38, 1]);
    const killing = { ...engineProfile(), defaultAction: 'SCMP_ACT_KILL_PROCESS' };
    delete killing.defaultErrnoRet;
    t.same(await errnos(box, killing, ['1000']), [38]);
  },
  { skip: x86, knownDifferences: { crun: 'has no such rule' } },
);

test('SPEC_ALLOW without flags, which an empty list switches off', async (t, box) => {
  const status = async (profile: Profile): Promise<string> => {
    const container = filtered(box, profile, (config) => {
      config.process.args = ['grep', '-E', '^(Seccomp|Speculation_Store_Bypass)', '/proc/self/status'];
    });
    return (await container.run()).stdout;
  };
  const text = await status(only('SCMP_ACT_ERRNO'));
  t.match(text, /Seccomp:\s2\n/);
  t.notMatch(text, /mitigated/);
});

const waitKillable = { 'runc 1.5': 'wants libseccomp 2.6 for it' };

for (const flag of ['TSYNC', 'LOG', 'SPEC_ALLOW', 'WAIT_KILLABLE_RECV']) {
  test(
    `SECCOMP_FILTER_FLAG_${flag}`,
    async (t, box) => {
      const profile = only('SCMP_ACT_ERRNO', { flags: [`SECCOMP_FILTER_FLAG_${flag}`] });
      t.same(await errnos(box, profile, [`${sysinfo}`]), [1]);
    },
    { knownDifferences: { 'runc 1.1': 'takes no flags', ...(flag === 'WAIT_KILLABLE_RECV' ? waitKillable : {}) } },
  );
}

test('also without noNewPrivileges, as root', async (t, box) => {
  const container = filtered(box, only('SCMP_ACT_ERRNO'), (config) => {
    config.process.noNewPrivileges = false;
    config.process.args = ['/syscall', `${sysinfo}`];
  });
  copyFileSync(syscallProgram(), join(container.rootfs, 'syscall'));
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, '1\n');
});

test(
  'a profile with only execve and what the program itself needs: the runtime needs nothing more',
  async (t, box) => {
    const names = ['execve', 'exit_group', 'write', 'brk', 'arch_prctl', 'set_tid_address', 'set_robust_list', 'rseq', 'umask'];
    const more = ['prlimit64', 'readlinkat', 'readlink', 'getrandom', 'mprotect', 'fstat', 'newfstatat'];
    const profile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: [...names, ...more], action: 'SCMP_ACT_ALLOW' }] };
    t.same(await errnos(box, profile, ['95', `${sysinfo}`]), [0, 1]);
  },
  {
    knownDifferences: { runc: 'does more of its own work under the filter', crun: 'does more of its own work under the filter' },
  },
);

test('exec is filtered like the first process', async (t, box) => {
  const container = filtered(box, only('SCMP_ACT_ERRNO'), (config) => {
    config.process.args = ['sleep', '60'];
  });
  copyFileSync(syscallProgram(), join(container.rootfs, 'syscall'));
  await container.up();
  const result = await container.verb('exec', {}, ['/syscall', `${sysinfo}`]);
  succeeded(t, result);
  t.equal(result.stdout, '1\n');
});

test(
  'a program that cannot be executed is an error of start, whatever the filter lets it say',
  async (t, box) => {
    const names = ['sendmsg', 'sendto', 'writev', 'mmap', 'brk', 'exit_group'];
    const silent: Profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names, action: 'SCMP_ACT_KILL_PROCESS' }] };
    const container = filtered(box, silent, (config) => {
      config.process.args = ['/no-format'];
    });
    writeFileSync(join(container.rootfs, 'no-format'), '\x7fELF, or not', { mode: 0o755 });
    succeeded(t, await container.create());
    failed(t, await container.start(), /Exec format error/i);
  },
  { knownDifferences: { runc: 'its start does not wait for execve(2)', crun: 'the same' } },
);

const bad: readonly (readonly [what: string, profile: Profile, message: RegExp])[] = [
  ['an unknown action', { defaultAction: 'SCMP_ACT_SHRUG' }, /defaultAction/],
  ['an unknown operator', argument('SCMP_CMP_ALMOST', 1), /syscalls\/0\/args\/0\/op/],
  ['an unknown architecture', { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_Z80'] }, /architectures\/0/],
  ['an unknown flag', { defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_X'] }, /flags\/0/],
  ['an errno where none is taken', only('SCMP_ACT_KILL', {}, 5), /syscalls\/0\/errnoRet/],
  ['SCMP_ACT_NOTIFY by default', { defaultAction: 'SCMP_ACT_NOTIFY' }, /defaultAction/],
];

for (const [what, profile, message] of bad) {
  test(
    `${what} is refused with its place`,
    async (t, box) => {
      failed(t, await filtered(box, profile, () => undefined).create(), message);
      t.same(await box.leftovers(), []);
    },
    { oursOnly: true },
  );
}

test(
  'a name that libseccomp does not know is left out, unless an annotation forbids it',
  async (t, box) => {
    const profile = only('SCMP_ACT_ERRNO');
    profile.syscalls?.[0]?.names.push('not_a_call');
    t.same(await errnos(box, profile, [`${sysinfo}`]), [1]);
    const container = filtered(box, profile, (config) => {
      config.annotations = { 'run.oci.seccomp_fail_unknown_syscall': '1' };
    });
    failed(t, await container.create(), /not_a_call/);
  },
  { knownDifferences: { runc: "the annotation is crun's" } },
);

test(
  'a damaged cache is rebuilt',
  async (t, box) => {
    t.same(await errnos(box, only('SCMP_ACT_ERRNO'), [`${sysinfo}`]), [1]);
    const directory = join(box.stateRoot, '@seccomp');
    const [name = ''] = readdirSync(directory);
    copyFileSync('/proc/self/status', join(directory, name));
    t.same(await errnos(box, only('SCMP_ACT_ERRNO'), [`${sysinfo}`]), [1]);
  },
  { oursOnly: true },
);
