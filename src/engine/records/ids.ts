// Ids of containers, networks and anonymous volumes, and how they are shown.
import type { Engine } from '../engine.js';

/** 64 hexadecimal digits. */
export function randomId({ host }: Engine): string {
  return [1, 2].map(() => host.readText('/proc/sys/kernel/random/uuid', 64).trim().replaceAll('-', '')).join('');
}

/** As docker's tables show it; an image's id, without "sha256:". */
export const shortId = (id: string): string => (id.startsWith('sha256:') ? id.slice(7, 19) : id.slice(0, 12));
