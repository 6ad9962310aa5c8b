// Seccomp profiles in docker's form: which rules apply, by docker's logic.
import t from 'tap';
import type { Host } from '../../../host/host.js';
import type { Seccomp } from '../../../plan/spec-types.js';
import type { Profile } from '../options/seccomp-profile.js';
import { decided } from './seccomp-profile.js';

const [X86_64, AARCH64, RISCV64] = [0xc000_003e, 0xc000_00b7, 0xc000_00f3];

const on = (
  profile: Partial<Profile>,
  capabilities: readonly string[] = [],
  token = X86_64,
  kernel = '5.10.0-8-amd64',
): Seccomp =>
  decided(
    { seccompNativeArchitecture: () => token | 0, readText: () => `${kernel}\n` } as unknown as Host,
    { defaultAction: 'SCMP_ACT_ERRNO', ...profile },
    capabilities,
  );

type Rules = NonNullable<Profile['syscalls']>;
const rule = (name: string, conditions: Partial<Rules[number]>): Rules[number] => ({
  names: [name],
  action: 'SCMP_ACT_ALLOW',
  ...conditions,
});
const namesIn = ({ syscalls = [] }: Seccomp): string => syscalls.flatMap(({ names }) => names).join(' ');

void t.test('capabilities: all that are included, none that is excluded', (t) => {
  const syscalls = [
    rule('always', { includes: {}, excludes: { caps: [], arches: null } }),
    rule('admin', { includes: { caps: ['CAP_SYS_ADMIN'] } }),
    rule('both', { includes: { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] } }),
    rule('neither', { excludes: { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] } }),
  ];
  t.equal(namesIn(on({ syscalls })), 'always neither');
  t.equal(namesIn(on({ syscalls }, ['CAP_SYS_ADMIN'])), 'always admin');
  t.equal(namesIn(on({ syscalls }, ['CAP_BPF', 'CAP_SYS_ADMIN'])), 'always admin both');
  t.notOk('includes' in on({ syscalls }).syscalls![0]!, 'the runtime gets none of the conditions');
  t.end();
});

void t.test('architectures, by their names in Go', (t) => {
  const syscalls = [
    rule('intel', { includes: { arches: ['amd64', 'x32'] } }),
    rule('arm', { includes: { arches: ['arm', 'arm64'] } }),
    rule('risc', { includes: { arches: ['riscv64'] } }),
    rule('other', { excludes: { arches: ['amd64'] } }),
  ];
  t.equal(namesIn(on({ syscalls })), 'intel');
  t.equal(namesIn(on({ syscalls }, [], AARCH64)), 'arm other');
  t.equal(namesIn(on({ syscalls }, [], RISCV64)), 'risc other');
  const archMap = [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
    { architecture: 'SCMP_ARCH_RISCV64' },
  ];
  t.same(on({ archMap }).architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
  t.same(on({ archMap }, [], RISCV64).architectures, ['SCMP_ARCH_RISCV64']);
  t.notOk('architectures' in on({ archMap }, [], AARCH64));
  t.same(on({ architectures: ['SCMP_ARCH_ARM'], archMap: null }).architectures, ['SCMP_ARCH_ARM']);
  t.throws(() => on({ archMap, architectures: ['SCMP_ARCH_X86_64'] }), { message: /^both 'architectures' and 'archMap'/ });
  t.end();
});

void t.test('kernels', (t) => {
  const syscalls = ['4.8', '5.9', '5.10', '5.11', '6.0'].flatMap((minKernel) => [
    rule(`from-${minKernel}`, { includes: { minKernel } }),
    rule(`before-${minKernel}`, { excludes: { minKernel } }),
  ]);
  t.equal(namesIn(on({ syscalls })), 'from-4.8 from-5.9 from-5.10 before-5.11 before-6.0');
  t.throws(() => on({ syscalls: [rule('x', { includes: { minKernel: 'new' } })] }), {
    message: /^invalid kernel version: "new"/,
  });
  t.end();
});

void t.test('a rule has one name, or several', (t) => {
  const { names: _none, ...without } = rule('', {});
  t.equal(namesIn(on({ syscalls: [{ ...without, name: 'one' }] })), 'one');
  t.throws(() => on({ syscalls: [rule('two', { name: 'one' })] }), { message: /^both 'name' and 'names'/ });
  t.end();
});
