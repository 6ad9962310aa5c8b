// The shape of a container's records, checked before anything relies on them: a disk, or a person, may have changed them. Fields
// with a usual value (container-defaults.ts) may be missing.
import { any, checkOf, isObject, stringsMisfit } from '../store/shapes.js';

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
const objectsMisfit = checkOf(objects);
const portsMisfit = checkOf({ [any]: ['object'] });

/** Where the first value is that a config cannot have, but for what may be left out of it. */
function neededMisfit({ Hostname, Image, Env, Cmd }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof Hostname !== 'string') return '/Hostname';
  if (typeof Image !== 'string') return '/Image';
  let found = stringsMisfit(Env);
  if (found !== undefined) return `/Env${found}`;
  found = stringsMisfit(Cmd);
  return found === undefined ? undefined : `/Cmd${found}`;
}

/** The same of a record's plain values. */
function plainMisfit({ id, name, created, image, path }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof id !== 'string') return '/id';
  if (typeof name !== 'string') return '/name';
  if (typeof created !== 'string') return '/created';
  if (typeof image !== 'string') return '/image';
  return typeof path === 'string' ? undefined : '/path';
}

/** Where the first value is that a container's record cannot have; undefined: there is none. */
export function recordMisfit(value: unknown): string | undefined {
  if (!isObject(value)) return '';
  let found = plainMisfit(value);
  if (found !== undefined) return found;
  const { args, config, hostConfig, mounts, networks } = value;
  if (!isObject(config)) return '/config';
  found = stringsMisfit(args);
  if (found !== undefined) return `/args${found}`;
  found = neededMisfit(config) ?? configMisfit(config);
  if (found !== undefined) return `/config${found}`;
  found = hostConfigMisfit(hostConfig);
  if (found !== undefined) return `/hostConfig${found}`;
  found = mounts === undefined ? undefined : mountsMisfit(mounts);
  if (found !== undefined) return `/mounts${found}`;
  found = networks === undefined ? undefined : networksMisfit(networks);
  return found === undefined ? undefined : `/networks${found}`;
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
