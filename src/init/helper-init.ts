// A pocker-init that carries out a few steps in namespaces of its own and ends, without making a container.
import { fromHost } from '../errors.js';
import type { Host, Launched } from '../host/host.js';
import { encode } from '../plan/encode.js';
import type { Step } from '../plan/step.js';
import { cleanUp } from '../container/notices.js';
import { killByPidfd } from '../container/process.js';
import { converse } from './conversation.js';
import { stepInfoOf } from './failure.js';

export interface HelperInit {
  readonly steps: readonly Step[];
  /** CLONE_NEW* flags of its namespaces. */
  readonly flags: number;
  readonly warned: (text: string, pointer: string) => void;
  /** Called at the message hooks_ready. Throwing ends the helper. */
  readonly ready?: () => void;
}

/** Throws the error of the failed step, in the words of create. */
export function runHelperInit(host: Host, { steps, flags, warned, ready }: HelperInit): void {
  let launched: Launched;
  try {
    launched = host.launch({
      flags,
      intoCgroup: '',
      v1Cgroups: [],
      affinity: [],
      plan: encode(steps, null, host.trace !== undefined),
      gate: -1,
      preserveFds: 0,
    });
  } catch (caught) {
    throw fromHost('E_NAMESPACE', 'cannot make the helper process', caught);
  }
  try {
    converse(host, launched, {
      stepInfo: stepInfoOf({ steps }),
      warned,
      forked: (pid, pidfd) => {
        launched = { ...launched, pid, pidfd };
      },
      console: () => undefined,
      hooksReady: () => {
        ready?.();
        return '';
      },
      created: () => undefined,
    });
    killByPidfd(host, launched.pidfd, launched.pid);
  } catch (caught) {
    cleanUp(
      (text) => warned(text, ''),
      () => killByPidfd(host, launched.pidfd, launched.pid),
    );
    throw caught;
  } finally {
    host.close(launched.channel);
    host.close(launched.pidfd);
  }
}
