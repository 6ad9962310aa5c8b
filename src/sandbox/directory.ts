// The temporary directories of sandboxes. Each program removes its own, and what a killed program left.
import { readdirSync, readFileSync, readlinkSync, lstatSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { geteuid, pid } from 'node:process';

const prefix = 'pocker-sandbox-';

/** Field 22 of /proc/PID/stat; "": there is no such process. */
function startTime(process: number | string): string {
  try {
    const text = readFileSync(`/proc/${process}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Pids are those of this pid namespace. */
const namespace = (): string => /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';

/** Whether the program that made it has ended. Whatever we cannot judge here belongs to somebody else. */
function isLeft(name: string): boolean {
  const [, ofNamespace, maker, start] = new RegExp(`^${prefix}(\\d+)-(\\d+)-(\\d+)-`).exec(name) ?? [];
  if (ofNamespace !== namespace() || startTime(maker!) === start) return false;
  const status = lstatSync(join(tmpdir(), name), { throwIfNoEntry: false });
  return status?.isDirectory() === true && status.uid === geteuid?.();
}

let swept: Promise<unknown> | undefined;

function sweep(): Promise<unknown> {
  const left = readdirSync(tmpdir()).filter(isLeft);
  return Promise.all(left.map((name) => remove(join(tmpdir(), name)).catch(() => undefined)));
}

export async function makeDirectory(): Promise<string> {
  await (swept ??= sweep());
  return mkdtemp(join(tmpdir(), `${prefix}${namespace()}-${pid}-${startTime('self')}-`));
}

export function remove(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true });
}
