// linux.sysctl: what the rules have found to belong to the container.
import { sysctlNamespace, sysctlParts } from '../../spec/sysctl.js';
import { add, refuse, type Draft } from '../draft.js';
import { pointerKey } from '../paths.js';
import type { Linux } from '../spec-types.js';
import { make, WriteProcT } from '../step.js';

/** A path may lead to the machine's network namespace. */
function assertNotShared(draft: Draft, key: string, parts: readonly string[], pointer: string): void {
  const joined = sysctlNamespace(parts) === 'network' ? draft.namespaces.joined('network') : undefined;
  if (joined === undefined || !draft.facts.isOwnNamespace(joined.path, 'net')) return;
  const message = `sysctl ${JSON.stringify(key)} is not allowed in the host's network namespace`;
  refuse(pointer, message, 'Add {"type": "network"} to linux.namespaces');
}

export function planSysctl(draft: Draft, sysctl: Linux['sysctl'], pointer: string): void {
  if (sysctl === undefined) return;
  for (const [key, value] of Object.entries(sysctl)) {
    const field = `${pointer}/${pointerKey(key)}`;
    const parts = sysctlParts(key);
    assertNotShared(draft, key, parts, field);
    add(draft, 'kernel', field, make(WriteProcT, { path: `/proc/sys/${parts.join('/')}`, value }));
  }
}
