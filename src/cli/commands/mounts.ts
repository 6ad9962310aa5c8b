import { changeMounts } from '../../runtime/mounts.js';
import { sayAll } from '../../container/notices.js';
import { notices, type Invocation } from '../invocation.js';
import { usageError } from '../parse.js';
import { mountsPart } from '../../spec/parts.js';
import { readPart } from './part-file.js';

export function run(invocation: Invocation): number {
  const { host, globals, args } = invocation;
  const [action, id = '', file = ''] = args;
  if (action !== 'add' && action !== 'remove')
    throw usageError(`no such command: ${JSON.stringify(`mounts ${action}`)}`, 'Use "mounts add" or "mounts remove"');
  const say = notices(invocation);
  const { value: mounts, warnings } = readPart(host, file, mountsPart, 'mounts');
  sayAll(warnings, say);
  changeMounts(host, { ...say, root: globals.root, id, action, mounts, rootless: globals.rootless });
  return 0;
}
