// Rules on namespaces, and on fields that make sense only in a namespace of the container's own (config-linux.md, Namespaces).
import { joinPointer } from '../../json/pointer.js';
import { quoteText } from '../../json/quote.js';
import {
  duplicates,
  forEach,
  isAbsolute,
  namespaceOf,
  when,
  type IdMapping,
  type NamespaceType,
  type Rule,
  type Spec,
} from '../rule.js';
import type { Violation } from '../violation.js';

function needs(spec: Spec, type: NamespaceType, pointer: string, given: boolean): Violation[] {
  const lacks = given && namespaceOf(spec, type) === undefined;
  return when(lacks, pointer, `needs a namespace of its own: {"type": "${type}"} in linux.namespaces`);
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return length;
}

export const namespaceRules: readonly Rule[] = [
  {
    name: 'namespace-once',
    section: 'config-linux.md, Namespaces: "duplicated namespaces with same type … generate an error"',
    check: ({ linux }) => duplicates(linux?.namespaces, '/linux/namespaces', { key: 'type', what: 'namespace of type' }),
  },
  {
    name: 'namespace-path',
    section: 'config-linux.md, Namespaces: path "MUST be an absolute path"',
    check: ({ linux }) =>
      forEach(linux?.namespaces, '/linux/namespaces', ({ path = '' }, at) =>
        when(path !== '' && !isAbsolute(path), `${at}/path`, () => `found ${quoteText(path, 60)}, expected an absolute path`),
      ),
  },
  {
    name: 'hostname-namespace',
    section: 'config.md, Hostname: "configured in the container namespace"; runc',
    check: (spec) => needs(spec, 'uts', '/hostname', (spec.hostname ?? '') !== ''),
  },
  {
    name: 'domainname-namespace',
    section: 'config.md, Domainname; runc',
    check: (spec) => needs(spec, 'uts', '/domainname', (spec.domainname ?? '') !== ''),
  },
  {
    name: 'uts-names',
    section: 'sethostname(2), setdomainname(2): at most 64 bytes',
    check: ({ hostname = '', domainname = '' }) =>
      Object.entries({ hostname, domainname }).flatMap(([field, name]) =>
        when(utf8Length(name) > 64, `/${field}`, 'is longer than 64 bytes'),
      ),
  },
  {
    name: 'time-offsets-namespace',
    section: 'config-linux.md, Offset for Time Namespace; runc',
    check: (spec) => {
      const given = spec.linux?.timeOffsets !== undefined;
      const joined = (namespaceOf(spec, 'time')?.path ?? '') !== '';
      return [
        ...needs(spec, 'time', '/linux/timeOffsets', given),
        ...when(given && joined, '/linux/timeOffsets', 'the time namespace is joined by path, so its offsets are already set'),
      ];
    },
  },
  {
    name: 'time-offsets-clock',
    section: 'config-linux.md, Offset for Time Namespace: "The name of the clock is the entry key"; time_namespaces(7)',
    check: ({ linux }) =>
      Object.keys(linux?.timeOffsets ?? {}).flatMap((clock) =>
        when(
          clock !== 'monotonic' && clock !== 'boottime',
          joinPointer('/linux/timeOffsets', clock),
          'no such clock: monotonic and boottime can be set',
        ),
      ),
  },
  {
    name: 'time-offsets-range',
    section: 'time_namespaces(7): below a second',
    check: ({ linux }) =>
      (['monotonic', 'boottime'] as const).flatMap((clock) => {
        const nanoseconds = linux?.timeOffsets?.[clock]?.nanosecs ?? 0;
        return when(
          nanoseconds > 999_999_999,
          `/linux/timeOffsets/${clock}/nanosecs`,
          `found ${nanoseconds}, allowed: 0 to 999999999`,
        );
      }),
  },
];

const idCount = 2 ** 32;

/** user_namespaces(7): the maximum number of lines in uid_map, since Linux 4.15. */
const mappingLimit = 340;

/** Whether the ranges [start, start + size) of two mappings have an id in common. */
function overlap(a: IdMapping, b: IdMapping, side: 'containerID' | 'hostID'): boolean {
  return a[side] < b[side] + b.size && b[side] < a[side] + a.size;
}

function checkMapping(mappings: readonly IdMapping[], index: number, pointer: string): Violation[] {
  const mapping = mappings[index]!;
  const { containerID, hostID, size } = mapping;
  const earlier = mappings.slice(0, index);
  return [
    ...when(size === 0, `${pointer}/size`, 'found 0, allowed: at least 1'),
    // The last id, 2^32-1, is the "no id" of chown(2).
    ...when(containerID + size >= idCount, `${pointer}/size`, `found ${size}: the ids in the container go beyond ${idCount - 2}`),
    ...when(hostID + size >= idCount, `${pointer}/size`, `found ${size}: the ids on the host go beyond ${idCount - 2}`),
    ...when(
      earlier.some((other) => overlap(mapping, other, 'containerID')),
      `${pointer}/containerID`,
      'overlaps an earlier mapping',
    ),
    ...when(
      earlier.some((other) => overlap(mapping, other, 'hostID')),
      `${pointer}/hostID`,
      'overlaps an earlier mapping',
    ),
  ];
}

function checkMappings(mappings: readonly IdMapping[] | undefined, pointer: string): Violation[] {
  if (mappings === undefined) return [];
  if (mappings.length > mappingLimit)
    return [{ pointer, message: `found ${mappings.length} mappings, allowed: at most ${mappingLimit}` }];
  return forEach(mappings, pointer, (_mapping, at, index) => checkMapping(mappings, index, at));
}

/** Without any mapping, another rule complains. */
function checkId({ linux = {} }: Spec, kind: 'uid' | 'gid', id: number): Violation[] {
  const field = `${kind}Mappings` as const;
  const mappings = linux[field] ?? [];
  if (mappings.length === 0) return [];
  const isMapped = (one: number): boolean =>
    mappings.some(({ containerID, size }) => one >= containerID && one - containerID < size);
  return [
    ...when(!isMapped(id), `/process/user/${kind}`, `${kind} ${id} is not in linux.${field}`),
    ...when(
      !isMapped(0),
      `/linux/${field}`,
      'container id 0 is not mapped, but the container is set up as root of its user namespace',
    ),
  ];
}

export const mappingRules: readonly Rule[] = [
  {
    name: 'mappings-namespace',
    section: 'config-linux.md, User namespace mappings; runc',
    check: (spec) => {
      const { uidMappings = [], gidMappings = [] } = spec.linux ?? {};
      const user = namespaceOf(spec, 'user');
      if (user === undefined) {
        return [
          ...needs(spec, 'user', '/linux/uidMappings', uidMappings.length > 0),
          ...needs(spec, 'user', '/linux/gidMappings', gidMappings.length > 0),
        ];
      }
      const isNew = (user.path ?? '') === '';
      return [
        ...when(isNew && uidMappings.length === 0, '/linux/uidMappings', 'a new user namespace needs at least one mapping'),
        ...when(isNew && gidMappings.length === 0, '/linux/gidMappings', 'a new user namespace needs at least one mapping'),
      ];
    },
  },
  {
    name: 'mappings-ids',
    section: 'user_namespaces(7): only mapped ids exist; the container is set up as root of its user namespace',
    check: (spec) => {
      if (namespaceOf(spec, 'user') === undefined || namespaceOf(spec, 'user')?.path) return [];
      const { uid = 0, gid = 0 } = spec.process?.user ?? {};
      return [...checkId(spec, 'uid', uid), ...checkId(spec, 'gid', gid)];
    },
  },
  {
    name: 'mappings-ranges',
    section: 'user_namespaces(7), uid_map and gid_map',
    check: ({ linux }) => [
      ...checkMappings(linux?.uidMappings, '/linux/uidMappings'),
      ...checkMappings(linux?.gidMappings, '/linux/gidMappings'),
    ],
  },
  {
    name: 'mount-mappings-ranges',
    section: 'config.md, Mounts: uidMappings, gidMappings, with the format of user namespace mappings',
    check: ({ mounts }) =>
      forEach(mounts, '/mounts', ({ uidMappings, gidMappings }, at) => [
        ...checkMappings(uidMappings, `${at}/uidMappings`),
        ...checkMappings(gidMappings, `${at}/gidMappings`),
      ]),
  },
];
