// The file of `exec --process`: a process object, judged as the one of a config is.
import { readFragment } from '../../bundle/fragment.js';
import { PockerError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { quotePath } from '../../json/quote.js';
import type { Process } from '../../plan/spec-types.js';
import { aroundProcess } from '../../runtime/exec-process.js';

/** E_HOST when it cannot be read, E_CONFIG_JSON, E_CONFIG_SCHEMA and E_CONFIG_RULE with pointers below /process. */
export function readProcess(host: Host, path: string): Process {
  // Standard input is the process's own.
  const { process } = readFragment(host, path === '-' ? './-' : path, { what: 'process', ...aroundProcess }).spec;
  if (process === undefined) throw new PockerError('E_CONFIG_SCHEMA', `${quotePath(path)}: no process`);
  return process;
}
