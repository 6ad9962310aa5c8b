// system info: the engine and the machine.
import { version } from '../../../../generated/version.js';
import { gatherFacts } from '../../../../host/facts.js';
import { allContainers } from '../../../records/container-store.js';
import type { Engine } from '../../../engine.js';
import type { Call } from '../../command.js';
import { json, type Fields } from '../../format/go-values.js';
import { template } from '../../format/template.js';
import { binarySize } from '../../format/units.js';
import { refreshed } from '../../../containers/now.js';
import { allImages } from '../../../images/find.js';

const fileLimit = 4 * 1024 * 1024;

function systemName({ host }: Engine): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(host.readText('/etc/os-release', fileLimit))?.[1] ?? 'Linux';
  } catch {
    // Not every system has the file.
    return 'Linux';
  }
}

function machine(engine: Engine): Fields {
  const { host } = engine;
  const read = (path: string): string => host.readText(path, fileLimit).trim();
  return {
    KernelVersion: read('/proc/sys/kernel/osrelease'),
    OperatingSystem: systemName(engine),
    OSType: 'linux',
    NCPU: [...read('/proc/cpuinfo').matchAll(/^processor\s*:/gm)].length,
    MemTotal: Number(/^MemTotal:\s*(\d+)/m.exec(read('/proc/meminfo'))?.[1] ?? 0) * 1024,
    Name: read('/proc/sys/kernel/hostname'),
  };
}

function information(engine: Engine): Fields {
  const containers = allContainers(engine).map((one) => refreshed(engine, one).state.status);
  const count = (...wanted: readonly string[]): number => containers.filter((status) => wanted.includes(status)).length;
  const { cgroup, systemd } = gatherFacts(engine.host);
  return {
    Containers: containers.length,
    ContainersRunning: count('running'),
    ContainersPaused: count('paused'),
    ContainersStopped: containers.length - count('running', 'paused'),
    Images: allImages(engine).length,
    ServerVersion: version,
    Driver: 'overlay2',
    LoggingDriver: 'k8s-file',
    CgroupDriver: systemd.running ? 'systemd' : 'cgroupfs',
    CgroupVersion: cgroup.layout === 'v2' ? '2' : '1',
    DefaultRuntime: 'pocker-runc',
    Rootless: engine.rootless,
    ...machine(engine),
    DockerRootDir: engine.paths.root,
  };
}

const lines = (found: Fields): string =>
  [
    `Containers: ${String(found['Containers'])}`,
    ` Running: ${String(found['ContainersRunning'])}`,
    ` Paused: ${String(found['ContainersPaused'])}`,
    ` Stopped: ${String(found['ContainersStopped'])}`,
    `Images: ${String(found['Images'])}`,
    `Server Version: ${String(found['ServerVersion'])}`,
    `Storage Driver: ${String(found['Driver'])}`,
    `Logging Driver: ${String(found['LoggingDriver'])}`,
    `Cgroup Driver: ${String(found['CgroupDriver'])}`,
    `Cgroup Version: ${String(found['CgroupVersion'])}`,
    `Default Runtime: ${String(found['DefaultRuntime'])}`,
    `Rootless: ${String(found['Rootless'])}`,
    `Kernel Version: ${String(found['KernelVersion'])}`,
    `Operating System: ${String(found['OperatingSystem'])}`,
    `OSType: ${String(found['OSType'])}`,
    `CPUs: ${String(found['NCPU'])}`,
    `Total Memory: ${binarySize(Number(found['MemTotal']))}`,
    `Name: ${String(found['Name'])}`,
    `Docker Root Dir: ${String(found['DockerRootDir'])}`,
  ]
    .map((line) => `${line}\n`)
    .join('');

export function run({ engine, values }: Call): number {
  const format = values['format'];
  const found = information(engine);
  if (typeof format !== 'string' || format === '') engine.host.write(1, lines(found));
  else engine.host.write(1, `${format === 'json' ? json(found) : template(format)(found)}\n`);
  return 0;
}
