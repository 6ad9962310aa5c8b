// Published ports as `ps` shows them: "0.0.0.0:8000-8002->80-82/tcp, 443/tcp"; adjacent ports form a range.
import type { PortBinding } from '../../records/container.js';

interface Shown {
  readonly address: string;
  readonly protocol: string;
  /** 0: only exposed. */
  readonly host: number;
  readonly port: number;
}

function parse(key: string): { readonly port: number; readonly protocol: string } {
  const [port = '', protocol = 'tcp'] = key.split('/');
  return { port: Number(port), protocol };
}

function shown(ports: Readonly<Record<string, readonly PortBinding[]>>, exposed: Readonly<Record<string, object>>): Shown[] {
  const published = Object.entries(ports).flatMap(([key, bindings]) =>
    bindings.map(({ HostIp, HostPort }) => ({
      ...parse(key),
      address: HostIp === '' ? '0.0.0.0' : HostIp,
      host: Number(HostPort),
    })),
  );
  const others = Object.keys(exposed).filter((key) => (ports[key] ?? []).length === 0);
  return [...published, ...others.map((key) => ({ ...parse(key), address: '', host: 0 }))];
}

function order(a: Shown, b: Shown): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  if (a.protocol !== b.protocol) return a.protocol < b.protocol ? -1 : 1;
  return a.port - b.port || a.host - b.host;
}

function follows(one: Shown, last: Shown, first: Shown): boolean {
  const near = one.address === first.address && one.protocol === first.protocol && one.port === last.port + 1;
  return near && (first.host === 0 ? one.host === 0 : one.host === last.host + 1);
}

const range = (from: number, to: number): string => (from === to ? String(from) : `${from}-${to}`);

function groupText(group: readonly Shown[]): string {
  const first = group[0]!;
  const last = group.at(-1)!;
  const inside = `${range(first.port, last.port)}/${first.protocol}`;
  const address = first.address.includes(':') ? `[${first.address}]` : first.address;
  return first.host === 0 ? inside : `${address}:${range(first.host, last.host)}->${inside}`;
}

export function portsText(
  ports: Readonly<Record<string, readonly PortBinding[]>>,
  exposed: Readonly<Record<string, object>>,
): string {
  const groups: Shown[][] = [];
  for (const one of shown(ports, exposed).sort(order)) {
    const group = groups.at(-1);
    if (group !== undefined && follows(one, group.at(-1)!, group[0]!)) group.push(one);
    else groups.push([one]);
  }
  // Published ports come first, then exposed ones, as in docker.
  return [...groups.filter(([first]) => first!.host !== 0), ...groups.filter(([first]) => first!.host === 0)]
    .map(groupText)
    .join(', ');
}
