// A container's limits and devices, in the runtime's form.
import type { Device, DeviceRule, Resources } from '../../../plan/spec-types.js';
import { isHostFailure } from '../../../errors.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import type { Limits } from '../options/limits.js';
import type { DeviceRate, HostConfig } from '../../records/container.js';

const usualPeriod = 100_000;
const billion = 1e9;

/** docker counts in billionths of a CPU, or in microseconds of each period. */
function cpuLimits({ NanoCpus, CpuPeriod, CpuQuota, CpuShares, CpusetCpus, ...rest }: Limits): NonNullable<Resources['cpu']> {
  const { CpuRealtimePeriod, CpuRealtimeRuntime, CpusetMems } = rest;
  const quota = NanoCpus > 0 ? Math.max(1000, Math.round((NanoCpus / billion) * usualPeriod)) : CpuQuota;
  const period = NanoCpus > 0 ? usualPeriod : CpuPeriod;
  return {
    ...(period > 0 ? { period } : {}),
    ...(quota !== 0 ? { quota } : {}),
    ...(CpuShares > 0 ? { shares: CpuShares } : {}),
    ...(CpuRealtimePeriod > 0 ? { realtimePeriod: CpuRealtimePeriod } : {}),
    ...(CpuRealtimeRuntime > 0 ? { realtimeRuntime: CpuRealtimeRuntime } : {}),
    ...(CpusetCpus === '' ? {} : { cpus: CpusetCpus }),
    ...(CpusetMems === '' ? {} : { mems: CpusetMems }),
  };
}

function memoryLimits({ Memory, MemorySwap, MemoryReservation, MemorySwappiness }: Limits): NonNullable<Resources['memory']> {
  return {
    ...(Memory > 0 ? { limit: Memory } : {}),
    ...(MemorySwap !== 0 && Memory > 0 ? { swap: MemorySwap } : {}),
    ...(MemoryReservation > 0 ? { reservation: MemoryReservation } : {}),
    ...(typeof MemorySwappiness === 'number' ? { swappiness: MemorySwappiness } : {}),
  };
}

function diskLimits(engine: Engine, limits: Limits): NonNullable<Resources['blockIO']> {
  const device = (path: string): { readonly major: number; readonly minor: number } => {
    const status = engine.host.lstat(path);
    const found = status?.type === 'symlink' ? engine.host.lstat(engine.host.realPath(path)) : status;
    if (found?.type !== 'block') throw engineError(`${path} is not a disk`, "List disks with 'lsblk'");
    return { major: found.rdev[0], minor: found.rdev[1] };
  };
  const rates = (all: readonly DeviceRate[]) => all.map(({ Path, Rate }) => ({ ...device(Path), rate: Rate }));
  const { BlkioWeight, BlkioWeightDevice } = limits;
  const lists = {
    weightDevice: BlkioWeightDevice.map(({ Path, Weight }) => ({ ...device(Path), weight: Weight })),
    throttleReadBpsDevice: rates(limits.BlkioDeviceReadBps),
    throttleWriteBpsDevice: rates(limits.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: rates(limits.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: rates(limits.BlkioDeviceWriteIOps),
  };
  const given = Object.entries(lists).filter(([, list]) => list.length > 0);
  return { ...(BlkioWeight > 0 ? { weight: BlkioWeight } : {}), ...(Object.fromEntries(given) as Partial<typeof lists>) };
}

/** Only what is limited. */
export function limitResources(engine: Engine, limits: Limits): Resources {
  const parts = { memory: memoryLimits(limits), cpu: cpuLimits(limits), blockIO: diskLimits(engine, limits) };
  const given = Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0);
  return {
    ...(Object.fromEntries(given) as Partial<typeof parts>),
    ...(limits.PidsLimit === 0 ? {} : { pids: { limit: limits.PidsLimit } }),
  };
}

type AskedDevice = HostConfig['Devices'][number];

const skipped = new Set(['pts', 'shm', 'fd', 'mqueue', 'console', '.udev']);

/** The device, or all devices below the directory; follows links once, as in /dev/disk. */
function devicesBelow(engine: Engine, asked: AskedDevice): AskedDevice[] {
  const { host } = engine;
  const status = host.lstat(asked.PathOnHost);
  if (status?.type === 'symlink') return devicesBelow(engine, { ...asked, PathOnHost: host.realPath(asked.PathOnHost) });
  if (status?.type === 'character' || status?.type === 'block') return [asked];
  if (status?.type !== 'directory') return [];
  return host.readdir(asked.PathOnHost).flatMap((name) => {
    const PathOnHost = `${asked.PathOnHost}/${name}`;
    if (skipped.has(name) || host.lstat(PathOnHost)?.type === 'symlink') return [];
    return devicesBelow(engine, { ...asked, PathOnHost, PathInContainer: `${asked.PathInContainer}/${name}` });
  });
}

function deviceOf({ host }: Engine, { PathOnHost, PathInContainer }: AskedDevice): Device {
  const status = host.lstat(PathOnHost)!;
  const [major, minor] = status.rdev;
  const { mode, uid, gid } = status;
  return { path: PathInContainer, type: status.type === 'block' ? 'b' : 'c', major, minor, fileMode: mode & 0o7777, uid, gid };
}

function wanted(engine: Engine, { Devices, Privileged }: HostConfig): AskedDevice[] {
  const all = { PathOnHost: '/dev', PathInContainer: '/dev', CgroupPermissions: 'rwm' };
  return (Privileged ? [all, ...Devices] : Devices).flatMap((asked) => {
    try {
      const found = devicesBelow(engine, asked);
      if (found.length > 0) return found;
    } catch (caught) {
      if (!isHostFailure(caught)) throw caught;
    }
    throw engineError(
      `error gathering device information while adding custom device "${asked.PathOnHost}": no such device`,
      "List devices with 'ls -l /dev'",
    );
  });
}

/** Device numbers that every container may use: null, zero, full, random, urandom, tty, console, ptmx and terminals. */
const usual: readonly (readonly [number, number | undefined])[] = [
  [1, 3],
  [1, 5],
  [1, 7],
  [1, 8],
  [1, 9],
  [5, 0],
  [5, 1],
  [5, 2],
  [136, undefined],
];

/** "c 42:* rwm" */
function askedRule(word: string): DeviceRule {
  const [type = 'a', numbers = '*:*', access = 'rwm'] = word.split(' ');
  const [major = '*', minor = '*'] = numbers.split(':');
  return {
    allow: true,
    type,
    ...(major === '*' ? {} : { major: Number(major) }),
    ...(minor === '*' ? {} : { minor: Number(minor) }),
    access,
  };
}

export function devices(engine: Engine, hostConfig: HostConfig): { readonly devices: Device[]; readonly rules: DeviceRule[] } {
  const asked = wanted(engine, hostConfig);
  const made = asked.map((one) => deviceOf(engine, one));
  if (hostConfig.Privileged) return { devices: made, rules: [{ allow: true, access: 'rwm' }] };
  const rules: DeviceRule[] = [
    { allow: false, access: 'rwm' },
    // mknod(2) alone opens nothing.
    { allow: true, type: 'c', access: 'm' },
    { allow: true, type: 'b', access: 'm' },
    ...usual.map(([major, minor]) => ({
      allow: true,
      type: 'c' as const,
      major,
      ...(minor === undefined ? {} : { minor }),
      access: 'rwm',
    })),
    ...made.map(({ type, major, minor }, index) => ({
      allow: true,
      type: type as 'b' | 'c',
      ...(major === undefined ? {} : { major }),
      ...(minor === undefined ? {} : { minor }),
      access: asked[index]!.CgroupPermissions,
    })),
    ...hostConfig.DeviceCgroupRules.map(askedRule),
  ];
  return { devices: made, rules };
}
