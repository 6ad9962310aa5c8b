// What must not grow: how much of each the whole machine has now.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Machine {
  readonly descriptors: number;
  readonly mounts: number;
  readonly cgroups: number;
  readonly zombies: number;
  /** MiB that are not available. */
  readonly memory: number;
}

const lines = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n');

function isZombie(pid: string): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function usedMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
  return Math.round((kibibytes('MemTotal') - kibibytes('MemAvailable')) / 1024);
}

export function look(): Machine {
  return {
    descriptors: Number(lines('/proc/sys/fs/file-nr')[0]?.split('\t')[0]),
    mounts: lines('/proc/self/mountinfo').length,
    cgroups: lines('/proc/cgroups')
      .slice(1)
      .reduce((sum, line) => sum + Number(line.split('\t')[2]), 0),
    zombies: readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isZombie(name)).length,
    memory: usedMemory(),
  };
}

/** How much more there is than `before`, once what is ending has ended. Other programs may be running on the machine. */
export async function growth(before: Machine, slack: Machine): Promise<Machine> {
  const keys = Object.keys(before) as (keyof Machine)[];
  for (let round = 0; ; round++) {
    const now = look();
    const grown = Object.fromEntries(keys.map((key) => [key, now[key] - before[key]])) as unknown as Machine;
    if (round === 50 || keys.every((key) => grown[key] <= slack[key])) return grown;
    await sleep(100);
  }
}
