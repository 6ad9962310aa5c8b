// A container as docker inspect shows it.
import type { Engine } from '../engine.js';
import { lowerDirectories, rootfsPath, upperPath } from '../layers/rootfs.js';
import type { EndpointSettings, MountPoint } from '../records/container.js';
import { bundleDirectory, containerDirectory, logPath, type StoredContainer } from '../records/container-store.js';
import { refreshed, writtenBytes } from './now.js';

type Shown = Readonly<Record<string, unknown>>;

function stateOf({ state }: StoredContainer): Shown {
  const { status, health } = state;
  return {
    Status: status,
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: false,
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(health === undefined ? {} : { Health: health }),
  };
}

function mountOf({ Type, Name, Source, Destination, RW, Options }: MountPoint): Shown {
  const volume = Type === 'volume' ? { Name, Source, Destination, Driver: 'local' } : { Source, Destination };
  return { Type, ...volume, Mode: Options.join(','), RW, Propagation: Type === 'bind' ? propagation(Options) : '' };
}

const propagation = (options: readonly string[]): string =>
  options.find((option) => /^r?(shared|slave|private)$/.test(option)) ?? 'rprivate';

function endpointOf(endpoint: EndpointSettings): Shown {
  const { NetworkID, Gateway, IPAddress, IPPrefixLen, MacAddress, Aliases } = endpoint;
  return {
    IPAMConfig: null,
    Links: null,
    Aliases,
    MacAddress,
    DriverOpts: null,
    NetworkID,
    EndpointID: '',
    Gateway,
    IPAddress,
    IPPrefixLen,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: null,
  };
}

function networkSettings(engine: Engine, { record, state }: StoredContainer): Shown {
  const blank: EndpointSettings = { NetworkID: '', Gateway: '', IPAddress: '', IPPrefixLen: 0, MacAddress: '', Aliases: [] };
  const names = Object.keys(record.networks);
  const all =
    names.length > 0 || record.hostConfig.NetworkMode.startsWith('container:') ? names : [record.hostConfig.NetworkMode];
  const networks = { ...Object.fromEntries(all.map((name) => [name, blank])), ...state.endpoints };
  const exposed = Object.fromEntries(Object.keys(record.config.ExposedPorts).map((port) => [port, null]));
  const first = networks['bridge'] ?? blank;
  return {
    Bridge: '',
    SandboxID: '',
    SandboxKey: state.pid > 0 && Object.keys(state.endpoints).length > 0 ? `${engine.paths.networkNamespaces}/${record.id}` : '',
    Ports: state.pid > 0 ? { ...exposed, ...state.ports } : {},
    EndpointID: '',
    Gateway: first.Gateway,
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: first.IPAddress,
    IPPrefixLen: first.IPPrefixLen,
    IPv6Gateway: '',
    MacAddress: first.MacAddress,
    Networks: Object.fromEntries(Object.entries(networks).map(([name, endpoint]) => [name, endpointOf(endpoint)])),
  };
}

/** Empty if the image is gone. */
function graphDriver(engine: Engine, { record: { id, image } }: StoredContainer): Shown {
  const upper = upperPath(engine, id);
  const data = { MergedDir: rootfsPath(engine, id), UpperDir: upper, WorkDir: `${containerDirectory(engine, id)}/work` };
  return { Data: { LowerDir: lowerDirectories(engine, image).join(':'), ...data }, Name: 'overlay2' };
}

export function inspectContainer(engine: Engine, stored: StoredContainer, size: boolean): Shown {
  const container = refreshed(engine, stored);
  const { record } = container;
  const { id, config, hostConfig } = record;
  const bundle = bundleDirectory(engine, id);
  const written = size ? { SizeRw: writtenBytes(engine, container) } : {};
  return {
    Id: id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: stateOf(container),
    Image: record.image,
    ResolvConfPath: `${bundle}/resolv.conf`,
    HostnamePath: `${bundle}/hostname`,
    HostsPath: `${bundle}/hosts`,
    LogPath: hostConfig.LogConfig.Type === 'none' ? '' : logPath(engine, id),
    Name: `/${record.name}`,
    RestartCount: container.state.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: { ...hostConfig, Binds: binds(record.mounts) },
    GraphDriver: graphDriver(engine, container),
    ...written,
    Mounts: record.mounts.filter(({ Type }) => Type !== 'tmpfs').map(mountOf),
    Config: { ...config, AttachStdin: false, AttachStdout: true, AttachStderr: true },
    NetworkSettings: networkSettings(engine, container),
  };
}

/** As given to -v. */
function binds(mounts: readonly MountPoint[]): string[] | null {
  const words = mounts
    .filter(({ Type, Anonymous }) => Type !== 'tmpfs' && Anonymous !== true)
    .map(({ Name, Source, Destination, RW }) => `${Name ?? Source}:${Destination}${RW ? '' : ':ro'}`);
  return words.length === 0 ? null : words;
}
