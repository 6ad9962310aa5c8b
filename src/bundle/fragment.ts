// A file with a part of a config: the process of exec, the resources of update, the mounts of mounts.
import { fromHost } from '../errors.js';
import type { Host } from '../host/host.js';
import { parseWithin } from '../json/json.js';
import { quotePath } from '../json/quote.js';
import { judge, type Judged } from '../spec/judge.js';

const limit = 16 * 1024 * 1024;

export interface Fragment {
  /** What it is called when it cannot be read: "mounts". */
  readonly what: string;
  /** What it stands between in a config: `"linux":{"resources":` and `}`. */
  readonly before: string;
  readonly after: string;
}

/** All that a config must have. */
const start = '{"ociVersion":"1.0.0","root":{"path":"/"},';

export function judgeFragment(name: string, text: string, { before, after }: Omit<Fragment, 'what'>): Judged {
  return judge(parseWithin(name, text, `${start}${before}`, `${after}}`));
}

/** `path`: "-" is standard input. E_HOST when it cannot be read; E_CONFIG_* with pointers and places as of a config. */
export function readFragment(host: Host, path: string, fragment: Fragment): Judged {
  let text: string;
  try {
    text = path === '-' ? host.readStdin(limit) : host.readText(path, limit);
  } catch (caught) {
    throw fromHost('E_HOST', `cannot read the ${fragment.what}`, caught, { path });
  }
  return judgeFragment(path === '-' ? 'standard input' : quotePath(path), text, fragment);
}
