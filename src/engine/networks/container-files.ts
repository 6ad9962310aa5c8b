// A container's /etc/hosts, /etc/resolv.conf and /etc/hostname: files in its bundle directory, mounted in the container.
import { fromHost } from '../../errors.js';
import type { ContainerRecord, EndpointSettings } from '../records/container.js';
import { bundleDirectory, findId } from '../records/container-store.js';
import type { Engine } from '../engine.js';
import { isMissing } from '../../host/failure.js';
import { readNetwork } from './networks.js';

/** Paths on the host. */
export interface ContainerFiles {
  readonly hosts: string;
  readonly resolvConf: string;
  readonly hostname: string;
}

type Endpoints = Readonly<Record<string, EndpointSettings>>;

const localNames = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

/** Where slirp4netns(1) answers for this machine's name servers. */
const slirpServer = '10.0.2.3';

/** docker's choice when this machine's only server is on its loopback device. */
const publicServers = ['8.8.8.8', '8.8.4.4'];

function text({ host }: Engine, path: string): string {
  try {
    return host.readText(path, 1 << 20);
  } catch (caught) {
    if (isMissing(caught)) return '';
    throw fromHost('E_ENGINE', 'cannot read a file of this machine', caught);
  }
}

const isLoopback = (server: string): boolean => server.startsWith('127.') || server === '::1';

interface Resolver {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export function parseResolver(text: string): Resolver {
  const words = text.split('\n').map((line) => line.trim().split(/\s+/));
  const of = (key: string): string[] => words.filter(([first]) => first === key).flatMap(([, ...rest]) => rest);
  return { servers: of('nameserver'), search: of('search'), options: of('options') };
}

function hostResolver(engine: Engine): Resolver {
  const own = parseResolver(text(engine, '/etc/resolv.conf'));
  if (!own.servers.every(isLoopback)) return { ...own, servers: own.servers.filter((server) => !isLoopback(server)) };
  // systemd-resolved is on the loopback device; another file has the servers behind it.
  const behind = parseResolver(text(engine, '/run/systemd/resolve/resolv.conf'));
  return { ...own, servers: behind.servers.length > 0 ? behind.servers : engine.rootless ? [slirpServer] : publicServers };
}

function resolvConf(engine: Engine, { hostConfig }: ContainerRecord, endpoints: Endpoints): string {
  const { Dns, DnsSearch, DnsOptions, NetworkMode } = hostConfig;
  if (NetworkMode === 'host' && Dns.length + DnsSearch.length + DnsOptions.length === 0) return text(engine, '/etc/resolv.conf');
  const host = hostResolver(engine);
  const named = Object.entries(endpoints).flatMap(([name, { Gateway }]) =>
    readNetwork(engine, name)?.dns === true ? [Gateway] : [],
  );
  // aardvark-dns asks the --dns servers itself.
  const servers = named.length > 0 ? named : Dns.length > 0 ? Dns : host.servers;
  const search = DnsSearch.length > 0 ? DnsSearch.filter((one) => one !== '.') : host.search;
  const options = DnsOptions.length > 0 ? DnsOptions : host.options;
  return [
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
    '',
  ].join('\n');
}

/** "name:address"; "host-gateway" stands for this machine's address on the container's network. */
function extraHosts(entries: readonly string[], endpoints: Endpoints): string {
  const gateway = Object.values(endpoints)[0]?.Gateway ?? '127.0.0.1';
  return entries
    .map((entry) => {
      const colon = entry.indexOf(':');
      const address = entry.slice(colon + 1);
      return `${address === 'host-gateway' ? gateway : address}\t${entry.slice(0, colon)}\n`;
    })
    .join('');
}

function hosts(engine: Engine, record: ContainerRecord, endpoints: Endpoints): string {
  const { Hostname, Domainname } = record.config;
  const more = extraHosts(record.hostConfig.ExtraHosts, endpoints);
  if (record.hostConfig.NetworkMode === 'host') return `${text(engine, '/etc/hosts')}${more}`;
  const names = Domainname === '' ? Hostname : `${Hostname}.${Domainname} ${Hostname}`;
  const own = Object.values(endpoints).map(({ IPAddress }) => `${IPAddress}\t${names}\n`);
  return `${localNames}${more}${own.join('')}`;
}

/** Writes them in place: a running container sees the change. A container that shares another's network shares its files. */
export function containerFiles(engine: Engine, record: ContainerRecord, endpoints: Endpoints): ContainerFiles {
  const { NetworkMode } = record.hostConfig;
  const shared = NetworkMode.startsWith('container:');
  const owner = shared ? findId(engine, NetworkMode.slice('container:'.length)) : null;
  const directory = bundleDirectory(engine, owner ?? record.id);
  const files = { hosts: `${directory}/hosts`, resolvConf: `${directory}/resolv.conf`, hostname: `${directory}/hostname` };
  if (owner !== null) return files;
  try {
    engine.host.mkdir(directory, 0o700, true);
    engine.host.overwrite(files.hosts, hosts(engine, record, endpoints), 0o644);
    engine.host.overwrite(files.resolvConf, resolvConf(engine, record, endpoints), 0o644);
    engine.host.overwrite(files.hostname, `${record.config.Hostname}\n`, 0o644);
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot write the network files of a container', caught);
  }
  return files;
}
