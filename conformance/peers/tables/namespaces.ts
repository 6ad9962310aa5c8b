// Namespaces of each kind, new, joined or the runtime's own; mappings of user namespaces; related fields.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config, IdMapping } from '../../harness/config.js';
import { casesOf, type Change, inUserNamespace, type PeerCase, type Table } from '../case.js';
import type { Site } from '../site.js';

const types = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
} as const;
type Type = keyof typeof types;

const without = (config: Config, type: string): void => {
  config.linux.namespaces = config.linux.namespaces.filter((one) => one.type !== type);
};

const put = (config: Config, type: string, path?: string): void => {
  without(config, type);
  config.linux.namespaces.push(path === undefined ? { type } : { type, path });
};

const absentOrNew = Object.keys(types).flatMap((type): [string, Change][] => [
  [`no ${type}`, (config) => without(config, type)],
  [`new ${type}`, (config) => put(config, type)],
  [`${type} twice`, (config) => config.linux.namespaces.push({ type }, { type })],
  [`${type} with an empty path`, (config) => put(config, type, '')],
  [`${type} with a missing path`, (config) => put(config, type, '/nosuch')],
  [`${type} with a relative path`, (config) => put(config, type, 'proc/self/ns/net')],
  [`${type} with a path of no namespace`, (config) => put(config, type, '/dev/null')],
  [`${type} with a path of another type`, (config) => put(config, type, `/proc/self/ns/${type === 'uts' ? 'ipc' : 'uts'}`)],
  [`${type} of the machine by its path`, (config) => put(config, type, `/proc/1/ns/${types[type as Type]}`)],
]);

/** A process in its own namespaces, for as long as the case runs. */
async function other(site: Site, flags: readonly string[]): Promise<ChildProcess> {
  const child = spawn('unshare', [...flags, 'sh', '-c', 'hostname other 2>/dev/null; echo up; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  site.atEnd(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  return child;
}

const flagOf: Readonly<Record<string, string>> = {
  network: '--net',
  ipc: '--ipc',
  uts: '--uts',
  mount: '--mount',
  cgroup: '--cgroup',
  user: '--user',
};

function joined(type: string, change: (config: Config) => void = () => undefined): PeerCase {
  return {
    name: `namespaces/${type} of another process`,
    act: async (site) => {
      const { pid } = await other(site, [flagOf[type]!, ...(type === 'user' ? ['--map-root-user'] : [])]);
      put(site.config, type, `/proc/${pid}/ns/${types[type as Type]}`);
      change(site.config);
      site.writeConfig();
      await site.run();
    },
  };
}

const map = (containerID: number, hostID: number, size: number): IdMapping => ({ containerID, hostID, size });
const mapped =
  (uids?: IdMapping[], gids = uids) =>
  (config: Config, site: Site): void => {
    put(config, 'user');
    if (uids !== undefined) config.linux.uidMappings = uids;
    if (gids !== undefined) config.linux.gidMappings = gids;
    site.own(uids?.[0]?.hostID ?? 0);
  };

const mappings: Readonly<Record<string, Change>> = {
  'no mappings': mapped(undefined),
  'empty mappings': mapped([]),
  'uid mappings alone': (config, site) => {
    mapped([map(0, 100_000, 65_536)])(config, site);
    delete config.linux.gidMappings;
  },
  'one id': mapped([map(0, 100_000, 1)]),
  'the whole machine': mapped([map(0, 0, 4_294_967_295)]),
  'without id 0': mapped([map(1, 100_000, 1000)]),
  'without id 0, for user 1': (config, site) => {
    mapped([map(1, 100_000, 1000)])(config, site);
    config.process.user = { uid: 1, gid: 1 };
  },
  'size 0': mapped([map(0, 100_000, 0)]),
  overlapping: mapped([map(0, 100_000, 10), map(5, 200_000, 10)]),
  'overlapping outside': mapped([map(0, 100_000, 10), map(10, 100_005, 10)]),
  'beyond 32 bits': mapped([map(4_294_967_290, 100_000, 100)]),
  many: mapped(Array.from({ length: 340 }, (_, index) => map(index, 100_000 + index, 1))),
  'too many': mapped(Array.from({ length: 341 }, (_, index) => map(index, 100_000 + index, 1))),
  'uids and gids of different ranges': mapped([map(0, 100_000, 65_536)], [map(0, 200_000, 65_536)]),
};

const mappingsAlone: Change = { 'linux.uidMappings': [map(0, 100_000, 65_536)], 'linux.gidMappings': [map(0, 100_000, 65_536)] };

const names: Readonly<Record<string, Change>> = {
  hostname: { hostname: 'box' },
  'hostname ""': { hostname: '' },
  'hostname of 64 characters': { hostname: 'h'.repeat(64) },
  'hostname of 65 characters': { hostname: 'h'.repeat(65) },
  'hostname without a uts namespace': (config) => {
    without(config, 'uts');
    config.hostname = 'box';
  },
  domainname: { domainname: 'domain' },
  'domainname without a uts namespace': (config) => {
    without(config, 'uts');
    config.domainname = 'domain';
  },
  'domainname and its sysctl': { domainname: 'one', 'linux.sysctl': { 'kernel.domainname': 'two' } },
  'hostname and its sysctl': { hostname: 'one', 'linux.sysctl': { 'kernel.hostname': 'two' } },
};

const offsets = { monotonic: { secs: 100, nanosecs: 5 }, boottime: { secs: -10, nanosecs: 0 } };
const times: Readonly<Record<string, Change>> = {
  'time offsets': (config) => {
    put(config, 'time');
    config.linux.timeOffsets = offsets;
  },
  'time offsets without a time namespace': { 'linux.timeOffsets': offsets },
  'empty time offsets without a time namespace': { 'linux.timeOffsets': {} },
  'a time offset of another clock': (config) => {
    put(config, 'time');
    config.linux.timeOffsets = { realtime: { secs: 1 } };
  },
  'a time offset out of range': (config) => {
    put(config, 'time');
    config.linux.timeOffsets = { monotonic: { secs: -99_999_999 } };
  },
  'no namespaces': { 'linux.namespaces': [] },
  'no list of namespaces': { 'linux.namespaces': undefined },
  'a type that nobody knows': (config) => put(config, 'nosuch'),
  'no linux': { linux: undefined },
};

/** A pid namespace that is joined belongs to a container. */
const ofContainer = (type: string): PeerCase => ({
  name: `namespaces/${type} of a container`,
  act: async (site) => {
    const second = site.path('second');
    mkdirSync(second);
    site.config.process.args = ['sleep', '60'];
    site.writeConfig();
    await site.create();
    await site.verb('start');
    const path = `/proc/${readFileSync(site.path('pid'), 'utf8')}/ns/${types[type as Type]}`;
    put(site.config, type, path);
    site.config.root.path = site.rootfs;
    site.config.linux.cgroupsPath = `/${site.id}-2`;
    site.config.process.args = ['sh', '-c', 'ps -o pid,comm; readlink /proc/self/ns/*'];
    writeFileSync(`${second}/config.json`, JSON.stringify(site.config));
    const { stdout } = await site.call(['run', '--bundle', second, `${site.id}-2`], { as: 'run the second' });
    site.facts.set('shown by the second', stdout.replaceAll(/^ *\d+ /gm, ''));
    await site.call(['delete', '--force', `${site.id}-2`]);
    await site.verb('kill', [], ['KILL']);
    await sleep(1);
  },
});

const all = casesOf('namespaces', {
  ...Object.fromEntries(absentOrNew),
  ...mappings,
  'mappings without a user namespace': mappingsAlone,
  ...names,
  ...times,
});
const inside = all.filter(({ name }) => /\/(no|new) (?!user)|time|hostname|domain/.test(name) && !/no (list|linux)/.test(name));

/** Their mounts would be the host's. */
const alone = /\/no (mount|namespaces|list of namespaces|linux)$/;

export const namespaces: Table = [
  ...all.map((one) => ({ ...one, alone: alone.test(one.name) })),
  ...inUserNamespace(inside),
  ...Object.keys(flagOf).map((type) => joined(type)),
  ...['pid', 'network', 'ipc', 'uts'].map(ofContainer),
];
