// The shape of a container's records, checked before anything relies on them: a disk, or a person, may have changed them. Fields
// with a usual value (container-usual.ts) may be missing.
import { any, checkOf, isObject } from '../store/shapes.js';

const strings = ['string'] as const;
const objects = { [any]: 'object' } as const;
const texts = { [any]: 'string' } as const;

/** What a config may leave out. */
const configMisfit = checkOf({
  'Domainname?': 'string',
  'User?': 'string',
  Entrypoint: strings,
  'WorkingDir?': 'string',
  'Labels?': texts,
  'StopSignal?': 'string',
  'StopTimeout?': 'number',
  'ExposedPorts?': objects,
  'Volumes?': objects,
  Healthcheck: { 'Test!': strings },
});

const hostConfigMisfit = checkOf({
  'RestartPolicy?': { 'Name!': 'string', 'MaximumRetryCount!': 'number' },
  'NetworkMode!': 'string',
  'PortBindings?': { [any]: ['object'] },
  'Dns?': strings,
  'DnsSearch?': strings,
  'DnsOptions?': strings,
  'ExtraHosts?': strings,
  'CapAdd?': strings,
  'CapDrop?': strings,
  'SecurityOpt?': strings,
  'GroupAdd?': strings,
  'Devices?': [{ 'PathOnHost!': 'string', 'PathInContainer!': 'string', 'CgroupPermissions!': 'string' }],
  'Ulimits?': [{ 'Name!': 'string', 'Soft!': 'number', 'Hard!': 'number' }],
  'Sysctls?': texts,
  'CgroupParent?': 'string',
  'PidMode?': 'string',
  'DeviceCgroupRules?': strings,
  'Annotations?': texts,
  'LogConfig?': { 'Type!': 'string', 'Config!': texts },
});

const mountsMisfit = checkOf([
  { 'Type!': 'string', Name: 'string', 'Source!': 'string', 'Destination!': 'string', 'Options!': strings },
]);

const networksMisfit = checkOf({ [any]: { 'Aliases!': strings, 'IPAddress!': 'string' } });
const textsMisfit = checkOf(strings);
const objectsMisfit = checkOf(objects);
const portsMisfit = checkOf({ [any]: ['object'] });

const within = (name: string, found: string | undefined): string | undefined =>
  found === undefined ? found : `/${name}${found}`;

/** Where the first value is that a container's record cannot have; undefined: there is none. */
export function recordMisfit(value: unknown): string | undefined {
  if (!isObject(value)) return '';
  const { id, name, created, image, path, args, config, hostConfig, mounts, networks } = value;
  // The required fields are written out: a listing checks hundreds of records.
  if (typeof id !== 'string') return '/id';
  if (typeof name !== 'string') return '/name';
  if (typeof created !== 'string') return '/created';
  if (typeof image !== 'string') return '/image';
  if (typeof path !== 'string') return '/path';
  if (!isObject(config)) return '/config';
  const { Hostname, Image, Env, Cmd } = config;
  if (typeof Hostname !== 'string') return '/config/Hostname';
  if (typeof Image !== 'string') return '/config/Image';
  return (
    within('args', textsMisfit(args)) ??
    within('config/Env', textsMisfit(Env)) ??
    within('config/Cmd', textsMisfit(Cmd)) ??
    within('config', configMisfit(config)) ??
    within('hostConfig', hostConfigMisfit(hostConfig)) ??
    (mounts === undefined ? undefined : within('mounts', mountsMisfit(mounts))) ??
    (networks === undefined ? undefined : within('networks', networksMisfit(networks)))
  );
}

export function isState(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { status, pid, startTime, bootId, exitCode, error, startedAt, finishedAt, restartCount, endpoints, ports } = value;
  return (
    typeof status === 'string' &&
    typeof pid === 'number' &&
    typeof startTime === 'number' &&
    typeof bootId === 'string' &&
    typeof exitCode === 'number' &&
    typeof error === 'string' &&
    typeof startedAt === 'string' &&
    typeof finishedAt === 'string' &&
    typeof restartCount === 'number' &&
    objectsMisfit(endpoints) === undefined &&
    portsMisfit(ports) === undefined
  );
}
