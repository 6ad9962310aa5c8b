import t from 'tap';
import { errorPointer, factsOf, options, specOf } from './fixtures.js';
import { planAdding, planRemoving, type MountsPlan } from './mounts.js';
import type { HostFacts } from '../host/host-facts.js';
import type { Linux, Mount } from './spec-types.js';
import { JoinNamespaceT, MountFilesystemT, operationName, UnmountT } from './step.js';
import type { NamespaceType } from './tables/namespaces.js';

const namespaces = (...list: NamespaceType[]): NonNullable<Linux['namespaces']> => list.map((type) => ({ type }));

const inputOf = (linux: Partial<Linux>, facts: HostFacts = factsOf('v2')) => ({
  spec: specOf({ linux }),
  pid: 9,
  rootfs: '/rootfs',
  facts,
  options,
});

const bind: Mount = { destination: '/b', source: '/source', options: ['bind'] };
const tmpfs: Mount = { destination: '/t', type: 'tmpfs', source: 'tmpfs', options: ['ro'] };
const proc: Mount = { destination: '/p', type: 'proc', source: 'proc' };

const add = (mounts: Mount[], linux: Partial<Linux>, facts?: HostFacts): MountsPlan => planAdding(inputOf(linux, facts), mounts);

/** Operations by name; for namespaces also which one, for filesystems whether they are mounted. */
function sketch({ steps }: MountsPlan): string {
  const words = steps.map((one) => {
    const { operation } = one;
    if (operation instanceof JoinNamespaceT) return `${operation.ahead ? '(' : ''}${String(operation.path).slice(11)}`;
    if (operation instanceof MountFilesystemT) return `${operation.detached ? 'make' : 'mount'}:${operation.slot}`;
    return operationName(one);
  });
  return words.join(' ');
}

t.test('everything is opened and made before the mount namespace is joined', (t) => {
  t.equal(
    sketch(add([bind, tmpfs], { namespaces: namespaces('pid', 'network', 'mount') })),
    'NotDumpable OpenSource TreePropagation net Sync make:1 OpenDescriptors mnt OpenRoot MountBind mount:1 MountAttributes Sync',
  );
  t.end();
});

t.test('a user namespace locks sources and owns filesystems', (t) => {
  t.equal(
    sketch(add([bind, tmpfs], { namespaces: namespaces('mount', 'user') })),
    'NotDumpable OpenSource TreePropagation AttachSources (mnt user UnshareMounts BecomeRoot Sync make:1 OpenDescriptors mnt OpenRoot' +
      ' MountBind mount:1 MountAttributes Sync',
  );
  t.equal(
    sketch(add([bind], { namespaces: namespaces('mount', 'user', 'network') }, factsOf('v2', { euid: 1000, egid: 1000 }))),
    'NotDumpable user UnshareMounts OpenSource TreePropagation net BecomeRoot Sync OpenDescriptors mnt OpenRoot MountBind Sync',
    'an ordinary user enters it first',
  );
  t.end();
});

t.test('only a procfs needs the pid namespace', (t) => {
  t.match(sketch(add([proc], { namespaces: namespaces('pid', 'mount') })), / pid Fork Sync make:0 /);
  t.notMatch(sketch(add([tmpfs], { namespaces: namespaces('pid', 'mount') })), /Fork/);
  t.end();
});

t.test('remove looks for all of them, then unmounts the last one first', (t) => {
  const { steps, flags } = planRemoving(inputOf({ namespaces: namespaces('mount', 'user') }), [bind, tmpfs]);
  t.equal(flags, 0);
  t.same(
    steps.flatMap(({ operation }) =>
      operation instanceof UnmountT ? `${String(operation.path)}${operation.probe ? '?' : ''}` : [],
    ),
    ['/b?', '/t?', '/t', '/b'],
  );
  t.end();
});

t.test('refused', (t) => {
  const own = { namespaces: namespaces('mount') };
  const cases: [Mount, string][] = [
    [{ destination: '/', type: 'tmpfs' }, 'E_CONFIG_RULE /mounts/0/destination'],
    [{ destination: '/x', options: ['remount', 'ro'] }, 'E_UNSUPPORTED /mounts/0/options'],
    [{ destination: '/x', type: 'tmpfs', options: ['tmpcopyup'] }, 'E_UNSUPPORTED /mounts/0/options'],
    [{ destination: '/x', type: 'tmpfs', options: ['iversion'] }, 'E_UNSUPPORTED /mounts/0/options'],
    [{ destination: '/x', type: 'tmpfs', options: [`x=${'y'.repeat(254)}`] }, 'E_UNSUPPORTED /mounts/0/options'],
    [{ destination: '/x', type: 'cgroup' }, 'E_UNSUPPORTED /mounts/0/type'],
  ];
  for (const [mount, expected] of cases)
    t.equal(
      errorPointer(() => add([mount], own)),
      expected,
    );
  t.equal(
    errorPointer(() => add([tmpfs], { namespaces: namespaces('pid') })),
    'E_UNSUPPORTED ',
  );
  t.equal(
    errorPointer(() => planRemoving(inputOf(own), [{ destination: '/a/..' }])),
    'E_CONFIG_RULE /mounts/0/destination',
  );
  const many = Array.from({ length: 1025 }, () => tmpfs);
  t.equal(
    errorPointer(() => add(many, own)),
    'E_UNSUPPORTED /mounts/1024',
  );
  t.end();
});
