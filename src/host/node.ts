// The Host of Node: the addon, and what Node knows better than its process does.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Host } from './host.js';

/** @param args the command line without node and script. */
export function nodeHost(args: readonly string[]): Host {
  const require = createRequire(import.meta.url);
  const addon = require('../pocker.node') as Host;
  return { ...addon, args, directory: fileURLToPath(new URL('..', import.meta.url)) };
}
