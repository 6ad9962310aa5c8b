// Runs what libseccomp makes of profiles as the kernel would; needs the addon, which `npm run build` makes.
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { engineProfile } from '../../conformance/harness/seccomp-profile.js';
import type { Host } from '../host/host.js';
import { errorPointer, factsOf, planOf } from '../plan/fixtures.js';
import { runFilter } from '../plan/seccomp/interpreter.js';
import type { Seccomp } from '../plan/spec-types.js';
import { seccompActions, seccompArchitectures, seccompOperators } from '../plan/tables/seccomp.js';
import { compileFilter } from './filter.js';

const require = createRequire(import.meta.url);
const host = require('../../../../dist/pocker.node') as Host;

const planned = (seccomp: Seccomp, annotations: Record<string, string> = {}) =>
  planOf({ linux: { seccomp }, root: { annotations } }, factsOf('v2'));
const compile = (seccomp: Seccomp, root: string): Uint8Array => compileFilter(host, planned(seccomp), root)!;

const X86_64 = seccompArchitectures['SCMP_ARCH_X86_64']!;
const native = host.seccompNativeArchitecture();
const numbers = (architecture: number, ...names: string[]) => host.resolveSyscalls(architecture, names) as number[];
const ERRNO = 0x0005_0000;
const ALLOW = 0x7fff_0000;
const skip = native === X86_64 ? false : 'the table is of x86-64';

t.test('the profile of an engine, on its three architectures', { skip }, (t) => {
  const program = compile(engineProfile() as Seccomp, t.testdir());
  const ask = (name: string, args: bigint[] = [], architecture = 'X86_64'): number | undefined => {
    const token = seccompArchitectures[`SCMP_ARCH_${architecture}`]!;
    const [number = 0] = numbers(token, name);
    return runFilter(program, { architecture: architecture === 'X32' ? X86_64 : token, number, args });
  };
  for (const architecture of ['X86_64', 'X86', 'X32']) {
    for (const name of ['read', 'openat', 'futex', 'execve', 'statx', 'close_range', 'rt_sigreturn'])
      t.equal(ask(name, [], architecture), ALLOW, `${architecture} ${name}`);
    for (const name of ['mount', 'ptrace', 'bpf', 'reboot', 'unshare', 'setns', 'pivot_root', 'keyctl'])
      t.equal(ask(name, [], architecture), ERRNO | 1, `${architecture} ${name}`);
    t.equal(ask('clone3', [], architecture), ERRNO | 38);
  }
  t.equal(ask('socket', [2n]), ALLOW);
  t.equal(ask('socket', [40n]), ERRNO | 1, 'not AF_VSOCK');
  t.equal(ask('personality', [8n]), ALLOW);
  t.equal(ask('personality', [0x40000n]), ERRNO | 1);
  t.equal(ask('clone', [0x1200011n]), ALLOW);
  t.equal(ask('clone', [0x10000000n]), ERRNO | 1, 'no new user namespace');
  for (const number of [460, 500, 0x4000_0000 + 600])
    t.equal(runFilter(program, { architecture: X86_64, number }), ERRNO | 38, `newer: ${number}`);
  t.equal(
    runFilter(program, { architecture: seccompArchitectures['SCMP_ARCH_AARCH64']!, number: 0 }),
    0,
    'a foreign one: killed',
  );
  t.end();
});

t.test('every action of the specification', (t) => {
  for (const [name, { value, errno }] of Object.entries(seccompActions)) {
    const action = name as Seccomp['defaultAction'];
    const program = compile(
      {
        defaultAction: action === 'SCMP_ACT_ALLOW' ? 'SCMP_ACT_LOG' : 'SCMP_ACT_ALLOW',
        listenerPath: '/run/agent',
        syscalls: [{ names: ['getcwd'], action, ...(errno ? { errnoRet: 77 } : {}) }],
      },
      t.testdir(),
    );
    const [number = 0] = numbers(0, 'getcwd');
    t.equal(runFilter(program, { architecture: native, number }), errno ? value + 77 : value, name);
  }
  t.end();
});

t.test('every operator of the specification', (t) => {
  const all: Record<string, (argument: bigint) => boolean> = {
    SCMP_CMP_NE: (argument) => argument !== 7n,
    SCMP_CMP_LT: (argument) => argument < 7n,
    SCMP_CMP_LE: (argument) => argument <= 7n,
    SCMP_CMP_EQ: (argument) => argument === 7n,
    SCMP_CMP_GE: (argument) => argument >= 7n,
    SCMP_CMP_GT: (argument) => argument > 7n,
    SCMP_CMP_MASKED_EQ: (argument) => (argument & 7n) === 5n,
  };
  t.same(Object.keys(all).sort(), Object.keys(seccompOperators).sort());
  const [number = 0] = numbers(0, 'getcwd');
  for (const [op, holds] of Object.entries(all)) {
    const arg = { index: 1, value: 7, valueTwo: 5, op: op as 'SCMP_CMP_EQ' };
    const syscalls: Seccomp['syscalls'] = [{ names: ['getcwd'], action: 'SCMP_ACT_ERRNO', args: [arg] }];
    const program = compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }, t.testdir());
    for (const argument of [0n, 5n, 6n, 7n, 8n, 0xdn, 0x1_0000_0007n, 0xffff_ffff_ffff_ffffn]) {
      const answer = runFilter(program, { architecture: native, number, args: [0n, argument] });
      t.equal(answer === (ERRNO | 1), holds(argument), `${op} ${argument}`);
    }
  }
  t.end();
});

t.test('compiles for every architecture, or refuses it with its pointer', (t) => {
  for (const [name, token] of Object.entries(seccompArchitectures)) {
    const architectures = [name as 'SCMP_ARCH_ARM'];
    const seccomp: Seccomp = {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures,
      syscalls: [{ names: ['read', 'execve'], action: 'SCMP_ACT_ALLOW' }],
    };
    const verdict = errorPointer(() => compile(seccomp, t.testdir()));
    // One filter cannot have two byte orders.
    if (host.seccompHasArchitecture(token)) t.equal(verdict, 'none', name);
    else t.equal(verdict, 'E_SECCOMP /linux/seccomp/architectures/0', name);
  }
  t.end();
});

t.test('a filter that lets no program be executed is refused', (t) => {
  const verdict = (action: 'SCMP_ACT_ERRNO' | 'SCMP_ACT_LOG'): string =>
    errorPointer(() =>
      compile({ defaultAction: action, syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }] }, t.testdir()),
    );
  t.equal(verdict('SCMP_ACT_ERRNO'), 'E_SECCOMP /linux/seccomp');
  t.equal(verdict('SCMP_ACT_LOG'), 'none');
  t.end();
});

t.test('a name that libseccomp does not know is left out, unless the annotation forbids it', (t) => {
  const names = ['execve', 'not_a_call'];
  const seccomp: Seccomp = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }] };
  t.ok(compile(seccomp, t.testdir()).length > 0);
  const strict = planned(seccomp, { 'run.oci.seccomp_fail_unknown_syscall': '1' });
  const pointer = '/linux/seccomp/syscalls/0/names/1';
  t.equal(
    errorPointer(() => compileFilter(host, strict, t.testdir())),
    `E_SECCOMP ${pointer}`,
  );
  t.end();
});

/** The host, and how often it has compiled. */
function counting(): { readonly counted: Host; readonly count: () => number } {
  let count = 0;
  const compileSeccomp: Host['compileSeccomp'] = (filter) => {
    count += 1;
    return host.compileSeccomp(filter);
  };
  return { counted: { ...host, compileSeccomp }, count: () => count };
}

const small = (errno: number): Seccomp => {
  return { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO', errnoRet: errno }] };
};

t.test('finds what was compiled, and only that', (t) => {
  const root = t.testdir();
  const { counted, count } = counting();
  const first = compileFilter(counted, planned(small(1)), root)!;
  t.same(compileFilter(counted, planned(small(1)), root), first);
  t.equal(count(), 1);
  t.notSame(compileFilter(counted, planned(small(2)), root), first);
  t.equal(count(), 2);
  t.equal(readdirSync(join(root, '@seccomp')).length, 2);
  t.end();
});

const damages: readonly (readonly [what: string, damage: (path: string, root: string) => void])[] = [
  ['cut short', (path) => writeFileSync(path, readFileSync(path).subarray(0, -8))],
  ['empty', (path) => writeFileSync(path, '')],
  [
    'with one bit turned',
    (path) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(path, bytes);
    },
  ],
  ['writable for everybody', (path) => chmodSync(path, 0o666)],
  ['hard linked', (path, root) => linkSync(path, join(root, 'other'))],
  [
    'a symbolic link',
    (path, root) => {
      renameSync(path, join(root, 'real'));
      symlinkSync(join(root, 'real'), path);
    },
  ],
  ['in a directory for everybody', (_path, root) => chmodSync(join(root, '@seccomp'), 0o777)],
];

for (const [what, damage] of damages) {
  t.test(`a file that is ${what} is ignored`, (t) => {
    const root = t.testdir();
    const { counted, count } = counting();
    const first = compileFilter(counted, planned(small(1)), root);
    const [name = ''] = readdirSync(join(root, '@seccomp'));
    damage(join(root, '@seccomp', name), root);
    t.same(compileFilter(counted, planned(small(1)), root), first);
    t.equal(count(), 2, 'compiled again');
    t.end();
  });
}

t.test('a cache that cannot be written is not an error', (t) => {
  const root = t.testdir({ '@seccomp': 'a file' });
  t.ok(compile(small(1), root).length > 0);
  mkdirSync(join(root, 'a'));
  symlinkSync(join(root, 'a'), join(root, 'a', '@seccomp'));
  t.ok(compile(small(1), join(root, 'a')).length > 0);
  t.same(readdirSync(join(root, 'a')), ['@seccomp'], 'nothing went through the link');
  t.end();
});

t.test('no more files than the limit', (t) => {
  const root = t.testdir();
  for (let errno = 1; errno <= 70; errno++) compile(small(errno), root);
  t.equal(readdirSync(join(root, '@seccomp')).length, 64);
  const { counted, count } = counting();
  compileFilter(counted, planned(small(70)), root);
  t.equal(count(), 0, 'the last one is cached');
  t.end();
});
