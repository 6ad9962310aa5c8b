// rename, and updates of limits and the restart policy.
import { updateContainer as updateInRuntime } from '../../runtime/update.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { emit } from '../records/events.js';
import { assertName, nameConflict, takeName } from './create.js';
import { changing } from '../records/journal.js';
import { restartPolicy } from './options/host-config.js';
import { limitsOf, refuseMissingSets, refuseMoreCpus, type Limits } from './options/limits.js';
import { given, type EngineValues } from '../flags/values.js';
import type { HostConfig } from '../records/container.js';
import { freeName } from './ending/removal.js';
import { cleanUpIfEnded } from './ending/cleanup.js';
import { limitResources } from './bundle/resources.js';
import { attributesOf, isRunning, withContainerLock, writeRecord } from '../records/container-store.js';

export function renameContainer(engine: Engine, id: string, name: string): void {
  assertName(name);
  withContainerLock(engine, id, ({ record }) =>
    changing(engine, id, () => {
      if (name === record.name)
        throw engineError('Renaming a container with the same name as its current name', 'Choose another name');
      if (!takeName(engine, name, id)) throw nameConflict(engine, name);
      writeRecord(engine, { ...record, name });
      freeName(engine, record.name, id);
      emit(engine, {
        Type: 'container',
        Action: 'rename',
        id,
        attributes: { ...attributesOf({ ...record, name }), oldName: record.name },
      });
    }),
  );
}

/** The given flags, over the current values. */
function changedLimits(values: EngineValues, before: HostConfig): Limits {
  const asked = limitsOf({
    ...values,
    ...(given(values, 'memory') === undefined ? { memory: String(before.Memory || '') } : {}),
  });
  const names: Readonly<Record<string, keyof Limits>> = {
    memory: 'Memory',
    'memory-swap': 'MemorySwap',
    'memory-reservation': 'MemoryReservation',
    cpus: 'NanoCpus',
    'cpu-shares': 'CpuShares',
    'cpu-period': 'CpuPeriod',
    'cpu-quota': 'CpuQuota',
    'cpu-rt-period': 'CpuRealtimePeriod',
    'cpu-rt-runtime': 'CpuRealtimeRuntime',
    'cpuset-cpus': 'CpusetCpus',
    'cpuset-mems': 'CpusetMems',
    'blkio-weight': 'BlkioWeight',
    'pids-limit': 'PidsLimit',
  };
  const changed = Object.entries(names).flatMap(([flag, key]) =>
    given(values, flag) === undefined ? [] : [[key, asked[key]] as const],
  );
  const after = { ...before, ...(Object.fromEntries(changed) as Partial<Limits>) };
  if (after.NanoCpus > 0 && (after.CpuQuota !== 0 || after.CpuPeriod !== 0))
    throw engineError('Conflicting options: CPU Quota and Period cannot be set beside --cpus', 'Change --cpus instead');
  return after;
}

export function updateContainer(engine: Engine, id: string, values: EngineValues): void {
  withContainerLock(engine, id, (found) => {
    const current = cleanUpIfEnded(engine, found);
    if (current === null) throw engineError(`No such container: ${id}`);
    const { record } = current;
    const limits = changedLimits(values, record.hostConfig);
    if (given(values, 'cpus') !== undefined) refuseMoreCpus(engine, limits);
    refuseMissingSets(engine, { CpusetCpus: given(values, 'cpuset-cpus') ?? '', CpusetMems: given(values, 'cpuset-mems') ?? '' });
    if (limits.Memory > 0 && limits.MemorySwap > 0 && limits.MemorySwap < limits.Memory)
      throw engineError(
        'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
        'Pass --memory-swap as well',
      );
    const policy = given(values, 'restart');
    const RestartPolicy = policy === undefined ? record.hostConfig.RestartPolicy : restartPolicy(policy);
    if (record.hostConfig.AutoRemove && RestartPolicy.Name !== 'no')
      throw engineError('Restart policy cannot be updated because AutoRemove is enabled for the container');
    const change = limitResources(engine, limits);
    if (isRunning(engine, current) && Object.keys(change).length > 0)
      updateInRuntime(engine.host, {
        root: engine.paths.runtime,
        id: record.id,
        change,
        rdt: {},
        rootless: engine.rootless,
        warn: (text, fields) => engine.log.warn(text, fields),
      });
    writeRecord(engine, { ...record, hostConfig: { ...record.hostConfig, ...limits, RestartPolicy } });
    emit(engine, { Type: 'container', Action: 'update', id, attributes: attributesOf(record) });
  });
}
