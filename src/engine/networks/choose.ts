// What --network, --network-alias and --ip ask for.
import type { Endpoint } from '../records/container.js';
import { requireContainer } from '../records/container-store.js';
import type { Engine } from '../engine.js';
import { engineError, usageError } from '../errors.js';
import { defaultNetwork, requireNetwork } from './networks.js';

export interface NetworkChoice {
  /** For HostConfig: "bridge", "none", "host", "container:ID", or a network. */
  readonly NetworkMode: string;
  readonly networks: Readonly<Record<string, Endpoint>>;
}

export interface NetworkWords {
  /** Each "NAME", or "name=NAME,alias=A,ip=ADDRESS". */
  readonly networks: readonly string[];
  readonly aliases: readonly string[];
  /** "": the engine chooses. */
  readonly address: string;
  readonly mac: string;
}

function parseWord(word: string, words: NetworkWords): { readonly name: string; readonly endpoint: Endpoint } {
  const { aliases, address, mac } = words;
  const hardware = mac === '' ? {} : { MacAddress: mac.toLowerCase() };
  if (!word.includes('='))
    return { name: word === 'default' ? defaultNetwork : word, endpoint: { Aliases: aliases, IPAddress: address, ...hardware } };
  const fields = word.split(',').map((field) => field.split('=') as [string, string?]);
  const of = (key: string): string[] => fields.flatMap(([name, value = '']) => (name === key ? [value] : []));
  const unknown = fields.find(([key]) => !['name', 'alias', 'ip'].includes(key));
  if (unknown !== undefined) throw engineError(`invalid field key ${unknown[0]}`, 'Use name=NETWORK[,alias=NAME][,ip=ADDRESS]');
  const [name] = of('name');
  if (name === undefined) throw engineError(`network name is missing in '${word}'`, 'Use name=NETWORK[,alias=NAME][,ip=ADDRESS]');
  return { name, endpoint: { Aliases: [...aliases, ...of('alias')], IPAddress: of('ip')[0] ?? address, ...hardware } };
}

function alone(mode: string, { networks, aliases, address }: NetworkWords): NetworkChoice {
  if (networks.length > 1)
    throw engineError(
      'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
      'Do not combine host, none and container: with other networks',
    );
  if (aliases.length > 0)
    throw engineError(
      'network-scoped alias is supported only for containers in user defined networks',
      'Create a network: pocker network create NAME',
    );
  if (address !== '') throw engineError('conflicting options: --ip and the network mode', 'Omit --ip, or choose a network');
  return { NetworkMode: mode, networks: {} };
}

/** Fails with docker's text if a network is missing. */
export function chooseNetworks(engine: Engine, words: NetworkWords): NetworkChoice {
  if (words.mac !== '' && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(words.mac))
    throw usageError(`${words.mac} is not a valid mac address`, 'run');
  const said = words.networks.length === 0 ? [defaultNetwork] : words.networks;
  const chosen = said.map((word) => parseWord(word, words));
  const mode = chosen.find(({ name }) => name === 'host' || name === 'none' || name.startsWith('container:'))?.name;
  if (mode?.startsWith('container:') === true) {
    const { record } = requireContainer(engine, mode.slice('container:'.length));
    return alone(`container:${record.id}`, words);
  }
  if (mode !== undefined) return alone(mode, words);
  const networks: Record<string, Endpoint> = {};
  for (const { name: word, endpoint } of chosen) {
    const { name, dns } = requireNetwork(engine, word);
    if (endpoint.Aliases.length > 0 && !dns)
      throw engineError(
        'network-scoped alias is supported only for containers in user defined networks',
        'Create a network: pocker network create NAME',
      );
    networks[name] = endpoint;
  }
  return { NetworkMode: Object.keys(networks)[0]!, networks };
}
