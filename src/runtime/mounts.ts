// mounts add and mounts remove: change the mounts of an existing container.
import { PockerError } from '../errors.js';
import { gatherFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import { planAdding, planRemoving } from '../plan/mounts.js';
import type { Mount } from '../plan/spec-types.js';
import { withLocked } from './shared/state-machine.js';
import { isAlive } from '../container/process.js';
import { runHelperInit } from '../init/helper-init.js';
import { sayAll, type Notices } from '../container/notices.js';
import { assertIdMaps } from '../spec/parts.js';
import { validateStored } from '../spec/validate.js';

export interface MountsOptions extends Notices {
  readonly root: string;
  readonly id: string;
  readonly action: 'add' | 'remove';
  readonly mounts: readonly Mount[];
  readonly rootless: boolean;
}

/** Changes all of them or none. E_STATE if the container has stopped, E_MOUNT with the mount that fails. */
export function changeMounts(host: Host, options: MountsOptions): void {
  const { id, action, mounts, rootless, warn } = options;
  withLocked(host, options, 'mounts', ({ store, record }) => {
    const spec = validateStored(store.readConfig(id));
    if (action === 'add') assertIdMaps(spec, mounts);
    const none = { noPivot: false, noNewKeyring: true, preserveFds: 0, listenFds: 0, consoleSocket: false } as const;
    const planOptions = { id, bundle: record.bundle, cgroupManager: 'cgroupfs', rootless, ...none } as const;
    const input = { spec, pid: record.init!.pid, rootfs: record.rootfs, facts: gatherFacts(host), options: planOptions };
    const { steps, flags, warnings } = (action === 'add' ? planAdding : planRemoving)(input, mounts);
    sayAll(warnings, options);
    // Its namespaces were joined by that process's number, which must have been the right process.
    const ready = (): void => {
      if (!isAlive(host, record.init!)) throw new PockerError('E_STATE', 'container not running');
    };
    runHelperInit(host, { steps, flags, ready, warned: (text, pointer) => warn(text, { pointer }) });
  });
}
