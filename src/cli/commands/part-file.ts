// A file with part of a config: the process of exec, the resources of update, the mounts of mounts.
import { fromHost } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { parseJson } from '../../json/json.js';
import { quotePath } from '../../json/quote.js';
import type { SpecWarning } from '../../spec/judge.js';
import { judgePart, type Part } from '../../spec/parts.js';

const limit = 16 * 1024 * 1024;

/**
 * Reads the part in `path`; "-" is standard input. `what` names it in the error. E_HOST when it cannot be read; E_CONFIG_* with
 * pointers into a config and positions in the file.
 */
export function readPart<T>(
  host: Host,
  path: string,
  part: Part<T>,
  what: string,
): { readonly value: T; readonly warnings: readonly SpecWarning[] } {
  let text: string;
  try {
    text = path === '-' ? host.readStdin(limit) : host.readText(path, limit);
  } catch (caught) {
    throw fromHost('E_HOST', `cannot read the ${what}`, caught, { path });
  }
  return judgePart(part, parseJson(path === '-' ? 'standard input' : quotePath(path), text, part.base));
}
