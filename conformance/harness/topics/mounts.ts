// Shared by the cases of mounts add and remove.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../box.js';
import type { CommandResult } from '../command.js';
import type { Mount } from '../config.js';
import type { Container } from '../container.js';

export const knownDifferences = { runc: 'has no such command', crun: 'version 1.8 has no such command' };

export type Action = 'add' | 'remove';

/** `mounts` may be text that is not JSON. */
export function change(container: Container, action: Action, mounts: readonly Mount[] | string): Promise<CommandResult> {
  const file = container.box.path('mounts.json');
  writeFileSync(file, typeof mounts === 'string' ? mounts : JSON.stringify(mounts));
  return container.box.runtime(['mounts', action, container.id, file]);
}

export async function inside(container: Container, script: string): Promise<string> {
  return (await container.box.runtime(['exec', container.id, 'sh', '-c', script])).stdout;
}

/** Mount points in the container in alphabetical order, except those of the config. */
export async function mountPoints(container: Container): Promise<string> {
  const points = await inside(container, 'cut -d " " -f 5 /proc/self/mountinfo');
  return points
    .split('\n')
    .filter((point) => !['', '/', '/proc'].includes(point) && !point.startsWith('/dev'))
    .sort()
    .join(' ');
}

export const lineOf = (target: string): string => `grep ' ${target} ' /proc/self/mountinfo | tail -n 1 | cut -d ' ' -f 6-`;

export function source(box: Box): string {
  const path = box.path('source');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'file'), 'found\n');
  return path;
}
