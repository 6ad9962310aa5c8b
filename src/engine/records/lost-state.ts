// The state of a container whose state.json a power failure or a person has damaged: that must not make it, or any other, unusable.
import { isFrozen } from '../../cgroup/freezer.js';
import { bootId as bootOfMachine } from '../../container/process.js';
import { UnreadableRecord } from '../../container/state-json.js';
import type { ContainerRecord as RuntimeRecord } from '../../container/record.js';
import { Store } from '../../container/store.js';
import { PockerError } from '../../errors.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { DamagedRecord } from '../store/json-files.js';
import { type ContainerState, firstState } from './container.js';

let boot: string | undefined;

/** Identifies this boot of the machine. */
export function bootId({ host }: Engine): string {
  boot ??= bootOfMachine(host);
  if (boot === undefined) throw engineError('cannot find out which boot this is', 'Mount /proc');
  return boot;
}

const lost: ContainerState = { ...firstState, status: 'exited', exitCode: 255, error: 'its state was lost' };

/** null: the runtime has no container of that id. */
function recordOfRuntime({ host, paths }: Engine, id: string, path: string): RuntimeRecord | null {
  try {
    return new Store(host, paths.runtime).tryRead(id);
  } catch (caught) {
    if (caught instanceof PockerError && caught.code === 'E_NO_CONTAINER') return null;
    // It may run, and nobody can tell.
    if (caught instanceof UnreadableRecord) throw new DamagedRecord(path, `and so is what the runtime knows: ${caught.message}`);
    throw caught;
  }
}

/**
 * The runtime knows whether it runs. If it has run until now, it counts as running, and whoever looks at it brings it up to date. Which
 * addresses and ports it has is not known.
 */
export function stateWithoutRecord(engine: Engine, id: string, path: string): ContainerState {
  const record = recordOfRuntime(engine, id, path);
  if (!record?.init) return lost;
  const status = isFrozen(engine.host, record.cgroups) ? 'paused' : 'running';
  return { ...lost, ...record.init, status, exitCode: 0, bootId: bootId(engine), startedAt: record.created };
}
