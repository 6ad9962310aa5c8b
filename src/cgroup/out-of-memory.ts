// How to notice that a container runs out of memory: memory.events on v2, or an eventfd on memory.oom_control on v1.
import { isHostFailure } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CgroupRecord } from '../container/record.js';
import { pairs } from './stats/values.js';
import { isV2 } from './stats/stats.js';

export interface OomWatch {
  /** For Host.poll. */
  readonly readable: readonly number[];
  readonly changed: readonly number[];
  /** How often it happened since the last call. */
  take(): number;
  close(): void;
}

const noEvents: OomWatch = { readable: [], changed: [], take: () => 0, close: () => undefined };

function watchV2(host: Host, path: string): OomWatch {
  const fd = host.openWatched(`${path}/memory.events`);
  const kills = (): number => oomKills(host.readWatched(fd));
  let before = kills();
  return {
    readable: [],
    changed: [fd],
    take: () => {
      const now = kills();
      const more = now - before;
      before = now;
      return Math.max(0, more);
    },
    close: () => {
      host.close(fd);
    },
  };
}

function watchV1(host: Host, path: string): OomWatch {
  const control = host.openWatched(`${path}/memory.oom_control`);
  const counter = host.openEventfd();
  const close = (): void => {
    host.close(counter);
    host.close(control);
  };
  try {
    host.writeControl(`${path}/cgroup.event_control`, `${counter} ${control}`);
  } catch (caught) {
    close();
    throw caught;
  }
  return { readable: [counter], changed: [], take: () => host.readEventfd(counter), close };
}

/** The file that counts the processes killed for lack of memory; "" if the container has none of its own. */
export function oomCounter(host: Host, cgroups: readonly CgroupRecord[]): string {
  const cgroup = memoryCgroup(cgroups);
  if (cgroup?.fresh !== true) return '';
  const path = `${cgroup.path}/${isV2(cgroups) ? 'memory.events' : 'memory.oom_control'}`;
  return host.lstat(path) === null ? '' : path;
}

function memoryCgroup(cgroups: readonly CgroupRecord[]): CgroupRecord | undefined {
  const unified = isV2(cgroups);
  return cgroups.find(({ controller, parent }) => !parent && (unified || controller.split(',').includes('memory')));
}

/** Reads the count from the text of that file. */
export function oomKills(text: string): number {
  return Number(pairs(text)['oom_kill'] ?? 0n);
}

/** Without a memory controller, or on a kernel that does not report it, nothing is noticed, and `warn` says so. */
export function watchOom(host: Host, cgroups: readonly CgroupRecord[], warn: (text: string) => void): OomWatch {
  const cgroup = memoryCgroup(cgroups);
  try {
    if (cgroup !== undefined) return (isV2(cgroups) ? watchV2 : watchV1)(host, cgroup.path);
  } catch (caught) {
    if (!isHostFailure(caught)) throw caught;
  }
  warn('no OOM events: the container has no memory cgroup that reports them');
  return noEvents;
}
