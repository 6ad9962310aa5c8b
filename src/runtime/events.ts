// events: what a container uses, once or again and again, and when it runs out of memory.
import { isGone, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { pidfdOpen } from '../container/process.js';
import { statusOf } from './state.js';
import type { ContainerRecord } from '../container/record.js';
import { Store } from '../container/store.js';
import { watchOom, type OomWatch } from '../cgroup/out-of-memory.js';
import { containerStats } from '../cgroup/stats.js';
import { eventLine } from '../cgroup/stats-values.js';

const standardOutput = 1;

export interface EventsOptions {
  readonly root: string;
  readonly id: string;
  /** Once, and no more. */
  readonly once: boolean;
  readonly intervalMs: number;
  readonly warn: (text: string) => void;
}

function runningRecord(host: Host, { root, id }: EventsOptions): ContainerRecord {
  const store = new Store(host, root);
  const record = store.read(id);
  const status = statusOf(host, store.directory(id), record);
  if (status !== 'stopped' && status !== 'creating') return record;
  throw new PockerError('E_STATE', `container with id ${id} is not running`);
}

/** Writes a line of JSON per event, until the container stops or nobody reads them. E_STATE when it does not run. */
export function showEvents(host: Host, options: EventsOptions): void {
  const record = runningRecord(host, options);
  const showStats = (): void => {
    host.write(standardOutput, eventLine('stats', record.id, containerStats(host, record.cgroups)));
  };
  if (options.once) return showStats();
  const watch = watchOom(host, record.cgroups, options.warn);
  const pidfd = pidfdOpen(host, record.init!);
  try {
    follow(host, { record, watch, pidfd, intervalMs: options.intervalMs, showStats });
  } finally {
    watch.close();
    if (pidfd >= 0) host.close(pidfd);
  }
}

interface Following {
  readonly record: ContainerRecord;
  readonly watch: OomWatch;
  /** Of the container's first process, -1 when it has ended. */
  readonly pidfd: number;
  readonly intervalMs: number;
  readonly showStats: () => void;
}

function follow(host: Host, { record, watch, pidfd, intervalMs, showStats }: Following): void {
  let next = host.monotonic() + intervalMs;
  for (;;) {
    const left = Math.max(0, Math.ceil(next - host.monotonic()));
    // A pipe that nobody reads any more is an error to poll(2), whatever it is asked for.
    const ready = pidfd < 0 ? [pidfd] : host.poll([pidfd, ...watch.readable], [standardOutput, ...watch.changed], left);
    for (let count = taken(watch); count > 0; count -= 1) host.write(standardOutput, eventLine('oom', record.id));
    if (ready.includes(pidfd) || ready.includes(standardOutput)) return;
    if (host.monotonic() < next) continue;
    showStats();
    next += intervalMs * Math.max(1, Math.ceil((host.monotonic() - next) / intervalMs));
  }
}

/** None when the cgroup is gone. */
function taken(watch: OomWatch): number {
  try {
    return watch.take();
  } catch (caught) {
    if (isGone(caught)) return 0;
    throw caught;
  }
}
