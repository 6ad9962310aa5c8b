// port: where a container's ports are published.
import { requireContainer } from '../../records/container-store.js';
import { engineError } from '../../errors.js';
import type { Call } from '../command.js';
import { refreshed } from '../../containers/now.js';

function address({ HostIp, HostPort }: { readonly HostIp: string; readonly HostPort: string }): string {
  const ip = HostIp === '' ? '0.0.0.0' : HostIp;
  return `${ip.includes(':') ? `[${ip}]` : ip}:${HostPort}`;
}

export function run({ engine, args: [said, wanted] }: Call): number {
  const { state } = refreshed(engine, requireContainer(engine, said!));
  const ports = state.pid > 0 ? state.ports : {};
  if (wanted === undefined) {
    const lines = Object.entries(ports).flatMap(([port, bindings]) => bindings.map((one) => `${port} -> ${address(one)}\n`));
    engine.host.write(1, lines.sort().join(''));
    return 0;
  }
  const key = wanted.includes('/') ? wanted.toLowerCase() : `${wanted}/tcp`;
  const bindings = ports[key] ?? [];
  if (bindings.length === 0)
    throw engineError(`No public port '${key}' published for ${said!}`, `List its published ports with 'pocker port ${said!}'`);
  engine.host.write(1, bindings.map((one) => `${address(one)}\n`).join(''));
  return 0;
}
