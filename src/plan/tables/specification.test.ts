// Every name in the specification for mounts, namespaces and devices is planned: none is mistaken for something else.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { all, errorPointer, only, planOf } from '../fixtures.js';
import { linuxPlanners } from '../planners/linux.js';
import { parseOptions } from '../planners/mounts/mount-options.js';
import { rdtFields } from '../planners/intel-rdt.js';
import type { Linux, Mount } from '../spec-types.js';
import { DeviceT, JoinNamespaceT, MountBindT, MountFilesystemT, TimeNamespaceT, TreePropagationT, UnshareT } from '../step.js';
import { deviceKinds } from './devices.js';
import { mountOptions, type MountOption } from './mounts.js';
import { namespaceTypes } from './namespaces.js';

interface Schema {
  readonly enum?: string[];
  readonly pattern?: string;
  readonly properties?: Record<string, Schema>;
  readonly definitions?: Record<string, Schema>;
  /** From config-linux.json. */
  readonly linux?: Schema;
}

function schema(name: string): Schema {
  const url = new URL(`../../../../../schema/oci/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Schema;
}

const linuxSchema = schema('config-linux').linux?.properties ?? {};
const linuxDefinitions = schema('defs-linux').definitions ?? {};

/** The table of config.md, "Linux mount options". It lacks `rnodev` beside its opposite; features.md has it. */
const options = {
  MUST: 'async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime nodev nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid private rbind relatime remount ro rprivate rshared rslave runbindable rw shared silent slave strictatime suid sync unbindable',
  SHOULD:
    'nosymfollow ratime rdev rdiratime rexec rnoatime rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow rrelatime rro rrw rstrictatime rsuid rsymfollow symfollow idmap ridmap rnodev',
  MAY: 'mand nomand tmpcopyup',
  'of crun': 'copy-symlink dest-nofollow src-nofollow',
};

t.test('mount options', (t) => {
  const specified = Object.values(options).flatMap((names) => names.split(' '));
  t.same([...mountOptions.keys()].sort(), [...specified].sort(), 'these and no others');
  for (const name of specified) t.same(parseOptions([name]).data, [], `${name} is not passed to the filesystem`);
  t.end();
});

/** Everything that options can change, to detect options without effect. */
const effect = (names: string[]): string => JSON.stringify(parseOptions(names));

function opposite({ kind, value }: MountOption): string | undefined {
  for (const [name, row] of mountOptions) if (row.kind === kind && row.value === value && !row.clear) return name;
  return undefined;
}

t.test('each option does something, or reverts what another one did', (t) => {
  // relatime is the kernel's default.
  const nothing = new Set(['defaults', 'norelatime', 'rnorelatime']);
  for (const [name, row] of mountOptions) {
    if (nothing.has(name)) continue;
    const other = row.clear ? opposite(row) : undefined;
    const before = other === undefined ? [] : [other];
    t.not(effect([...before, name]), effect(before), name);
  }
  t.end();
});

t.test('mounts: every field', (t) => {
  const planned = ['destination', 'source', 'options', 'type', 'uidMappings', 'gidMappings'];
  t.same(Object.keys(schema('defs').definitions?.['Mount']?.properties ?? {}).sort(), planned.sort());
  const bind: Mount = { destination: '/a', type: 'none', source: '/b', options: ['bind'] };
  t.equal(all(planOf({ root: { mounts: [bind] } }), MountBindT).length, 1);
  t.match(only(planOf({ root: { mounts: [{ destination: '/a', type: 'ext4', options: ['x=1'] }] } }), MountFilesystemT), {
    type: 'ext4',
    data: ['x=1'],
  });
  t.end();
});

const user = [{ containerID: 0, hostID: 1, size: 1 }];

t.test('namespaces: new and joined', (t) => {
  const types = linuxDefinitions['NamespaceType']?.enum ?? [];
  t.same(Object.keys(namespaceTypes).sort(), [...types].sort());
  for (const type of Object.keys(namespaceTypes) as (keyof typeof namespaceTypes)[]) {
    const { flag } = namespaceTypes[type];
    const mappings = type === 'user' ? { uidMappings: user, gidMappings: user } : {};
    const made = planOf({ linux: { namespaces: [{ type }], ...mappings } });
    const flags = all(made, UnshareT).reduce((sum, step) => sum | step.flags, made.cloneFlags);
    const forked = JSON.stringify(
      made.steps.map(({ operation }) => operation),
      (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    ).includes(`"flags":${flag}`);
    t.ok((flags & flag) !== 0 || forked || (type === 'time' && all(made, TimeNamespaceT).length === 1), `a new ${type}`);
    const joined = planOf({ linux: { namespaces: [{ type, path: '/run/x' }] } });
    t.match(only(joined, JoinNamespaceT), { flag, path: '/run/x' }, `a joined ${type}`);
  }
  t.end();
});

t.test('rootfsPropagation', (t) => {
  const specified = linuxDefinitions['RootfsPropagation']?.enum ?? [];
  t.same([...specified].sort(), ['private', 'shared', 'slave', 'unbindable']);
  const seen = specified.map((name) => {
    const made = planOf({ linux: { rootfsPropagation: name as NonNullable<Linux['rootfsPropagation']> } });
    return all(made, TreePropagationT)
      .map(({ propagation }) => propagation)
      .join(' ');
  });
  t.equal(new Set(seen).size, specified.length, `each in its own way: ${seen.join(', ')}`);
  t.equal(
    errorPointer(() => planOf({ linux: { rootfsPropagation: 'sideways' as 'shared' } })),
    'E_CONFIG_RULE /linux/rootfsPropagation',
  );
  t.end();
});

t.test('device types', (t) => {
  const letters = /\[(\w+)\]/.exec(linuxDefinitions['FileType']?.pattern ?? '')?.[1] ?? '';
  t.same(Object.keys(deviceKinds).sort(), [...letters].sort());
  for (const type of letters) {
    const made = planOf({ linux: { devices: [{ type, path: '/dev/x', major: 1, minor: 2 }] } });
    const device = all(made, DeviceT).find(({ path }) => path === '/dev/x');
    t.equal((device?.mode ?? 0) & 0o170000, deviceKinds[type], type);
  }
  t.equal(
    errorPointer(() => planOf({ linux: { devices: [{ type: 'x', path: '/dev/x', major: 1, minor: 2 }] } })),
    'E_CONFIG_RULE /linux/devices/0/type',
  );
  t.end();
});

t.test('linux: every field, and every field of intelRdt', (t) => {
  t.same(Object.keys(linuxPlanners).sort(), Object.keys(linuxSchema).sort());
  t.same(Object.keys(rdtFields).sort(), Object.keys(linuxSchema['intelRdt']?.properties ?? {}).sort());
  t.end();
});
