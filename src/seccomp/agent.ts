// The agent that answers SCMP_ACT_NOTIFY (config-linux.md, "The Container Process State").
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { SeccompListener } from '../plan/plan.js';
import type { ContainerRecord, Status } from '../container/record.js';
import { hookState } from '../container/hooks.js';

const pointer = '/linux/seccomp/listenerPath';

/** The specification's name for the only descriptor. */
const descriptorName = 'seccompFd';

export interface Notified {
  readonly record: ContainerRecord;
  /** The process with the filter. */
  readonly pid: number;
  /** The container's first process. */
  readonly init: number;
  readonly status: Status;
}

/** Does nothing unless the config asks for an agent. */
export class SeccompAgent {
  #socket = -1;
  #told = false;

  constructor(
    private readonly host: Host,
    private readonly listener: SeccompListener | null | undefined,
  ) {}

  /** Connects before the filter is loaded: without an agent to answer, the program would wait forever. */
  connect(): void {
    if (!this.listener) return;
    try {
      this.#socket = this.host.connectStream(this.listener.path);
    } catch (caught) {
      const hint = 'Check that the seccomp agent is running';
      throw fromHost('E_SECCOMP', 'cannot connect to the seccomp listener', caught, { pointer, hint });
    }
  }

  /** Sends the container process state together with the notify fd. */
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

  /** Throws at an end of file without the descriptor: init must send it through the filter, and could not. */
  assertTold(): void {
    if (!this.listener || this.#told) return;
    throw new PockerError('E_SECCOMP', 'the seccomp filter kept its notify fd from being sent', {
      pointer: '/linux/seccomp/syscalls',
      hint: 'A profile with SCMP_ACT_NOTIFY must allow sendmsg',
    });
  }

  close(): void {
    if (this.#socket >= 0) this.host.close(this.#socket);
  }
}
