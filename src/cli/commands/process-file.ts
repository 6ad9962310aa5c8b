// The file of `exec --process`: a process object, judged as the one of a config is.
import { PockerError, fromHost } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { parseJson } from '../../json/json.js';
import { quotePath } from '../../json/quote.js';
import type { Process } from '../../plan/spec-types.js';
import { judge } from '../../spec/judge.js';

const limit = 16 * 1024 * 1024;

/** E_BUNDLE when it cannot be read, E_CONFIG_JSON, E_CONFIG_SCHEMA and E_CONFIG_RULE with pointers below /process. */
export function readProcess(host: Host, path: string): Process {
  let text: string;
  try {
    text = host.readText(path, limit);
  } catch (caught) {
    throw fromHost('E_BUNDLE', 'cannot read the process', caught, { path });
  }
  // What stands around it is on its first line, so that lines are right in messages.
  const document = parseJson(quotePath(path), `{"ociVersion":"1.0.0","root":{"path":"/"},"process":${text}\n}`);
  const { process } = judge(document).spec;
  if (process === undefined) throw new PockerError('E_CONFIG_SCHEMA', `${quotePath(path)}: no process`);
  return process;
}
