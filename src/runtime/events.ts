// events: shows what a container uses, once or repeatedly, and when it runs out of memory.
import { isGone, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import { pidfdOpen } from '../container/process.js';
import { statusOf } from './shared/state-machine.js';
import type { ContainerRecord } from '../container/record.js';
import { Store } from '../container/store.js';
import { watchOom, type OomWatch } from '../cgroup/out-of-memory.js';
import { containerStats } from '../cgroup/stats/stats.js';
import { eventLine } from '../cgroup/stats/values.js';

const standardOutput = 1;

export interface EventsOptions extends Subject {
  /** Show usage once, and no more. */
  readonly once: boolean;
  readonly intervalMs: number;
  readonly warn: (text: string) => void;
}

interface Subject {
  readonly root: string;
  readonly id: string;
}

export interface WatchOptions extends Omit<EventsOptions, 'once'> {
  readonly emit: (type: 'stats' | 'oom', data?: object) => void;
  /** Ends when nobody reads from this descriptor any more. */
  readonly reader: number;
}

function runningRecord(host: Host, { root, id }: Subject): ContainerRecord {
  const store = new Store(host, root);
  const record = store.read(id);
  const status = statusOf(host, store.directory(id), record);
  if (status !== 'stopped' && status !== 'creating') return record;
  throw new PockerError('E_STATE', `container with id ${id} is not running`);
}

/** E_STATE if it does not run. */
export function currentStats(host: Host, subject: Subject): object {
  return containerStats(host, runningRecord(host, subject).cgroups);
}

/** Writes a line of JSON per event until the container stops or nobody reads them. E_STATE if it does not run. */
export function showEvents(host: Host, options: EventsOptions): void {
  const emit: WatchOptions['emit'] = (type, data) => {
    host.write(standardOutput, eventLine(type, options.id, data));
  };
  if (options.once) return emit('stats', currentStats(host, options));
  watchEvents(host, { ...options, emit, reader: standardOutput });
}

export function watchEvents(host: Host, options: WatchOptions): void {
  const record = runningRecord(host, options);
  const watch = watchOom(host, record.cgroups, options.warn);
  const pidfd = pidfdOpen(host, record.init!);
  try {
    follow(host, { record, watch, pidfd, options });
  } finally {
    watch.close();
    if (pidfd >= 0) host.close(pidfd);
  }
}

interface Following {
  readonly record: ContainerRecord;
  readonly watch: OomWatch;
  /** The container's first process; -1 once it has ended. */
  readonly pidfd: number;
  readonly options: WatchOptions;
}

function follow(host: Host, { record, watch, pidfd, options }: Following): void {
  const { intervalMs, emit, reader } = options;
  let next = host.monotonic() + intervalMs;
  for (;;) {
    const left = Math.max(0, Math.ceil(next - host.monotonic()));
    // poll(2) reports a pipe that nobody reads any more as an error, whatever it is asked for.
    const ready = pidfd < 0 ? [pidfd] : host.poll([pidfd, ...watch.readable], [reader, ...watch.changed], left);
    for (let count = taken(watch); count > 0; count -= 1) emit('oom');
    if (ready.includes(pidfd) || ready.includes(reader)) return;
    if (host.monotonic() < next) continue;
    emit('stats', containerStats(host, record.cgroups));
    next += intervalMs * Math.max(1, Math.ceil((host.monotonic() - next) / intervalMs));
  }
}

/** 0 when the cgroup is gone. */
function taken(watch: OomWatch): number {
  try {
    return watch.take();
  } catch (caught) {
    if (isGone(caught)) return 0;
    throw caught;
  }
}
