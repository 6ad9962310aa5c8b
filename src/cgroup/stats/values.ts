// Numbers from the kernel's files, and how runc shows them: it leaves some out when they are 0.
import { writeJson } from '../../json/write.js';

type Numbers = Readonly<Record<string, bigint>>;

/** "123" as 123; anything else, including "max", as `otherwise`. */
export function count(text: string | undefined, otherwise = 0n): bigint {
  return text !== undefined && /^-?\d+$/.test(text.trim()) ? BigInt(text.trim()) : otherwise;
}

/** Lines of "name value". */
export function pairs(text: string | undefined): Numbers {
  const found: Record<string, bigint> = {};
  for (const line of (text ?? '').split('\n')) {
    const [name = '', value] = line.split(' ');
    if (value !== undefined) found[name] = count(value);
  }
  return found;
}

/** "0-2,7" as [0, 1, 2, 7]; undefined if empty, as runc leaves it out. */
export function list(text: string | undefined): number[] | undefined {
  const numbers = (text ?? '').split(',').flatMap((part) => {
    const [first = NaN, last = first] = part.trim() === '' ? [] : part.split('-').map(Number);
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return numbers.length === 0 ? undefined : numbers;
}

/** undefined for 0, which leaves the field out. */
export function unlessZero(value: bigint | undefined): bigint | undefined {
  return value === 0n ? undefined : value;
}

export interface BlkioEntry {
  readonly major: bigint | undefined;
  readonly minor: bigint | undefined;
  readonly op: string | undefined;
  readonly value: bigint | undefined;
}

export function blkioEntry(device: string, op: string | undefined, value: bigint): BlkioEntry {
  const [major, minor] = device.split(':');
  return { major: unlessZero(count(major)), minor: unlessZero(count(minor)), op, value: unlessZero(value) };
}

/** Pressure stall information ("some avg10=0.00 … total=0"); undefined if the kernel has none. */
export function pressure(text: string | undefined): object | undefined {
  if (text === undefined || text === '') return undefined;
  const found: Record<string, object> = {};
  for (const line of text.split('\n')) {
    const [kind = '', ...fields] = line.split(' ');
    found[kind] = Object.fromEntries(
      fields.map((field) => {
        const [name = '', value = '0'] = field.split('=');
        return [name, name === 'total' ? count(value) : Number(value)];
      }),
    );
  }
  const none = { avg10: 0, avg60: 0, avg300: 0, total: 0 };
  return { some: none, full: none, ...found };
}

/** One line of `events`. */
export function eventLine(type: 'stats' | 'oom', id: string, data?: object): string {
  return `${writeJson({ type, id, data })}\n`;
}

/** The files of the container's cgroups. */
export interface CgroupReader {
  /** Text of a file; on v1, of that controller. undefined if there is none. */
  readonly read: (controller: string, file: string) => string | undefined;
  /** Names of the files of that controller. */
  readonly names: (controller: string) => string[];
}

/** What comes from different files in each version of cgroups. */
export interface VersionedStats {
  readonly cpu: object;
  readonly cpuset: object;
  readonly memory: object;
  readonly blkio: object;
  readonly hugetlb: object;
}
