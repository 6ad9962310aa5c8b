// The file of `exec --process`: a process object, judged like the one of a config.
import type { Host } from '../../host/host.js';
import type { Process } from '../../plan/spec-types.js';
import { processPart } from '../../spec/parts.js';
import { readPart } from './part-file.js';

/** E_HOST when it cannot be read, E_CONFIG_JSON, E_CONFIG_SCHEMA and E_CONFIG_RULE with pointers below /process. */
export function readProcess(host: Host, path: string): Process {
  // Standard input belongs to the process.
  return readPart(host, path === '-' ? './-' : path, processPart, 'process').value;
}
