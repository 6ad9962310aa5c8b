// The agent that answers for SCMP_ACT_NOTIFY (config-linux.md, "The Container Process State").
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { SeccompListener } from '../plan/plan.js';
import type { ContainerRecord, Status } from '../container/record.js';
import { hookState } from '../container/hooks.js';

const pointer = '/linux/seccomp/listenerPath';

/** The name that the specification gives the one descriptor. */
const descriptorName = 'seccompFd';

export interface Notified {
  readonly record: ContainerRecord;
  /** The process with the filter. */
  readonly pid: number;
  /** The container's first process. */
  readonly init: number;
  readonly status: Status;
}

/** Does nothing where no agent is asked for. */
export class SeccompAgent {
  #socket = -1;
  #told = false;

  constructor(
    private readonly host: Host,
    private readonly listener: SeccompListener | null | undefined,
  ) {}

  /** Before the filter is loaded: without an agent to answer, the program would wait for ever. */
  connect(): void {
    if (!this.listener) return;
    try {
      this.#socket = this.host.connectStream(this.listener.path);
    } catch (caught) {
      const hint = 'is the seccomp agent running?';
      throw fromHost('E_SECCOMP', 'cannot connect to the seccomp listener', caught, { pointer, hint });
    }
  }

  /** The container process state, and the notify fd with it. */
  send(fd: number, { record, pid, init, status }: Notified): void {
    const { ociVersion } = record;
    const metadata = this.listener?.metadata ?? '';
    const state = JSON.parse(hookState(record, status, init)) as unknown;
    const text = JSON.stringify({
      ociVersion,
      fds: [descriptorName],
      pid,
      ...(metadata === '' ? {} : { metadata }),
      state,
    });
    try {
      this.host.sendFd(this.#socket, fd, text);
      this.#told = true;
    } catch (caught) {
      throw fromHost('E_SECCOMP', 'cannot send to the seccomp listener', caught, { pointer });
    }
  }

  /** An end of file without the descriptor: init could not send it, which it does through the filter. */
  assertTold(): void {
    if (!this.listener || this.#told) return;
    throw new PockerError('E_SECCOMP', 'the seccomp filter kept its notify fd from being sent', {
      pointer: '/linux/seccomp/syscalls',
      hint: 'a profile with SCMP_ACT_NOTIFY has to allow sendmsg',
    });
  }

  close(): void {
    if (this.#socket >= 0) this.host.close(this.#socket);
  }
}
