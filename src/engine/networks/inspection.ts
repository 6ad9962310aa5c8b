// A network as docker inspect shows it.
import type { Engine } from '../engine.js';
import { readLeases } from './leases.js';
import type { NetworkRecord } from './networks.js';

export function showNetwork(engine: Engine, network: NetworkRecord): Readonly<Record<string, unknown>> {
  const { name, id, created, driver, subnet, gateway, range, internal, labels, options } = network;
  const containers = Object.entries(readLeases(engine)).flatMap(([container, { name: Name, endpoints }]) => {
    const endpoint = endpoints[name];
    if (endpoint === undefined) return [];
    const { MacAddress, IPAddress, IPPrefixLen } = endpoint;
    return [
      [container, { Name, EndpointID: '', MacAddress, IPv4Address: `${IPAddress}/${IPPrefixLen}`, IPv6Address: '' }] as const,
    ];
  });
  const config = subnet === '' ? [] : [{ Subnet: subnet, ...(range === '' ? {} : { IPRange: range }), Gateway: gateway }];
  return {
    Name: name,
    Id: id,
    Created: created,
    Scope: 'local',
    Driver: driver,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: {}, Config: config },
    Internal: internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(containers),
    Options: options,
    Labels: labels,
  };
}
