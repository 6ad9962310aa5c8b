// Ids of containers, networks and volumes without a name; how ids are shown.
import type { Engine } from '../engine.js';

/** 64 hexadecimal digits. */
export function randomId({ host }: Engine): string {
  return [1, 2].map(() => host.readText('/proc/sys/kernel/random/uuid', 64).trim().replaceAll('-', '')).join('');
}

/** As docker shows it in tables; of an image, without "sha256:". */
export const shortId = (id: string): string => id.slice(id.indexOf(':') + 1).slice(0, 12);
