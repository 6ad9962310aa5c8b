// The file of `exec --process`: a process object, judged as the one of a config is. What confines a process and is not in it is
// that of the container's first one, as with runc: libcontainer's newInitConfig.
import { PockerError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { quotePath } from '../../json/quote.js';
import type { Process } from '../../plan/spec-types.js';
import { readFragment } from './fragment.js';

const around = { before: '"process":', after: '' };

const confining = ['capabilities', 'apparmorProfile', 'selinuxLabel'] as const satisfies readonly (keyof Process)[];

const isGiven = (value: unknown): boolean => value !== undefined && value !== '';

/** `own`: the container's process. */
export function withConfinement(process: Process, own: Process | undefined): Process {
  const missing = confining.filter((name) => !isGiven(process[name]) && isGiven(own?.[name]));
  return missing.length === 0 ? process : { ...process, ...Object.fromEntries(missing.map((name) => [name, own?.[name]])) };
}

/** E_HOST when it cannot be read, E_CONFIG_JSON, E_CONFIG_SCHEMA and E_CONFIG_RULE with pointers below /process. */
export function readProcess(host: Host, path: string): Process {
  // Standard input is the process's own.
  const { process } = readFragment(host, path === '-' ? './-' : path, { what: 'process', ...around }).spec;
  if (process === undefined) throw new PockerError('E_CONFIG_SCHEMA', `${quotePath(path)}: no process`);
  return process;
}
