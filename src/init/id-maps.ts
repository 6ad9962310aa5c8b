// uid_map and gid_map of a new user namespace (user_namespaces(7)).
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { IdMapping, UserNamespacePlan } from '../plan/plan.js';
import { findProgram } from '../container/programs.js';

const helperTimeoutMs = 10_000;

function fields(mapping: IdMapping): string[] {
  return [mapping.containerID, mapping.hostID, mapping.size].map(String);
}

function findHelper(host: Host, name: string): string {
  const path = findProgram(host, name);
  if (path !== undefined) return path;
  throw new PockerError('E_NAMESPACE', `${name} is not installed`, {
    hint: 'Install uidmap (Debian package): an ordinary user needs it to map more than one id',
  });
}

/** Uses newuidmap(1) and newgidmap(1), which check /etc/subuid and /etc/subgid and write with their own privilege. */
function writeByHelper(host: Host, name: string, pid: number, mappings: readonly IdMapping[]): void {
  const path = findHelper(host, name);
  const args = [name, String(pid), ...mappings.flatMap(fields)];
  const result = host.runProgram({ path, args, env: [], stdin: '', timeoutMs: helperTimeoutMs });
  if (result.exitCode === 0 && result.signal === 0) return;
  throw new PockerError('E_NAMESPACE', `${args.join(' ')} failed: ${result.output.trim()}`, {
    hint: 'See /etc/subuid and /etc/subgid',
  });
}

function writeDirectly(host: Host, path: string, mappings: readonly IdMapping[], pointer: string): void {
  const text = mappings.map((mapping) => fields(mapping).join(' ')).join('\n');
  try {
    host.writeControl(path, `${text}\n`);
  } catch (caught) {
    throw fromHost('E_NAMESPACE', 'cannot write the id map', caught, { pointer });
  }
}

export function writeIdMaps(host: Host, pid: number, plan: UserNamespacePlan): void {
  if (plan.denySetgroups) host.writeControl(`/proc/${pid}/setgroups`, 'deny');
  if (plan.byHelper) {
    writeByHelper(host, 'newuidmap', pid, plan.uidMappings);
    writeByHelper(host, 'newgidmap', pid, plan.gidMappings);
    return;
  }
  writeDirectly(host, `/proc/${pid}/uid_map`, plan.uidMappings, '/linux/uidMappings');
  writeDirectly(host, `/proc/${pid}/gid_map`, plan.gidMappings, '/linux/gidMappings');
}
