import { updateContainer } from '../../runtime/update.js';
import type { Invocation } from '../invocation.js';
import { rdtOfFlags, readResources, resourcesOfFlags } from './resources.js';

/** A file replaces all flags except those of Intel RDT, as with runc. */
export function run(invocation: Invocation): number {
  const { host, log, globals, values, args } = invocation;
  const warn = (text: string, fields?: Readonly<Record<string, unknown>>): void => {
    log.warn(text, fields);
  };
  const file = String(values['resources'] ?? '');
  const change = file === '' ? resourcesOfFlags(values, warn) : readResources(host, file);
  updateContainer(host, {
    root: globals.root,
    id: args[0] ?? '',
    change,
    rdt: rdtOfFlags(values),
    rootless: globals.rootless,
    warn,
  });
  return 0;
}
