// What must not grow: how much there is now, on the whole machine or in what runs apart from the rest (see apart.sh).
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Machine {
  readonly descriptors: number;
  readonly mounts: number;
  readonly cgroups: number;
  readonly zombies: number;
  /** Unavailable MiB; for what runs apart, those that the kernel cannot reclaim. */
  readonly memory: number;
}

/** True if /proc and the cgroups show nothing but this run. */
export const apart = process.env['LOAD_APART'] === 'yes';

/** Allowances: others open files on a busy machine, and the kernel keeps what it may need again. */
export const slack: Machine = apart
  ? { descriptors: 0, mounts: 0, cgroups: 0, zombies: 0, memory: 16 }
  : { descriptors: 500, mounts: 0, cgroups: 0, zombies: 0, memory: 100 };

const text = (path: string): string => readFileSync(path, 'utf8');
const lines = (path: string): string[] => text(path).trim().split('\n');
const tenths = (value: number): number => Math.round(value * 10) / 10;
const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

function matched(pattern: RegExp, path: string): number {
  return Number(pattern.exec(text(path))?.[1]);
}

/** The value of `of` for each process, without those that end meanwhile. */
function ofProcesses<T>(of: (directory: string) => T): T[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [of(`/proc/${pid}`)];
      } catch {
        return [];
      }
    });
}

const isZombie = (process: string): boolean => /^State:\s+Z/m.test(text(`${process}/status`));

function wholeMachine(): Machine {
  const available = matched(/^MemAvailable:\s+(\d+)/m, '/proc/meminfo');
  return {
    descriptors: Number(lines('/proc/sys/fs/file-nr')[0]?.split('\t')[0]),
    mounts: lines('/proc/self/mountinfo').length,
    cgroups: lines('/proc/cgroups')
      .slice(1)
      .reduce((sum, line) => sum + Number(line.split('\t')[2]), 0),
    zombies: ofProcesses(isZombie).filter(Boolean).length,
    memory: tenths((matched(/^MemTotal:\s+(\d+)/m, '/proc/meminfo') - available) / kibibyte),
  };
}

function directories(path: string): number {
  return readdirSync(path)
    .map((name) => join(path, name))
    .filter((entry) => statSync(entry).isDirectory())
    .reduce((sum, entry) => sum + 1 + directories(entry), 0);
}

/** Without that of this process, whose heap grows with what it remembers. */
function ownMemory(): number {
  const cgroup = '/sys/fs/cgroup/memory';
  writeFileSync(`${cgroup}/memory.force_empty`, '0');
  const kernel = Number(text(`${cgroup}/memory.kmem.usage_in_bytes`));
  const anonymous =
    matched(/^total_rss (\d+)/m, `${cgroup}/memory.stat`) + matched(/^total_shmem (\d+)/m, `${cgroup}/memory.stat`);
  return tenths((kernel + anonymous) / mebibyte - matched(/^RssAnon:\s+(\d+)/m, '/proc/self/status') / kibibyte);
}

function ownPart(): Machine {
  const counts = ofProcesses((process) => readdirSync(`${process}/fd`).length);
  return {
    descriptors: counts.reduce((sum, count) => sum + count, 0),
    mounts: lines('/proc/self/mountinfo').length,
    cgroups: lines('/proc/self/mountinfo')
      .filter((line) => line.includes(' - cgroup '))
      .reduce((sum, line) => sum + directories(line.split(' ')[4]!), 0),
    zombies: ofProcesses(isZombie).filter(Boolean).length,
    memory: ownMemory(),
  };
}

export const look = apart ? ownPart : wholeMachine;

/** How much has grown since `before`, once ending processes have ended. */
export async function growth(before: Machine): Promise<Machine> {
  const keys = Object.keys(before) as (keyof Machine)[];
  for (let round = 0; ; round++) {
    const now = look();
    const grown = Object.fromEntries(keys.map((key) => [key, tenths(now[key] - before[key])])) as unknown as Machine;
    if (round === 50 || keys.every((key) => grown[key] <= slack[key])) return grown;
    await sleep(100);
  }
}
