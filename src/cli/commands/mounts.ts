import { changeMounts } from '../../runtime/mounts.js';
import { sayAll } from '../../runtime/plan.js';
import type { Invocation } from '../invocation.js';
import { notices } from '../notices.js';
import { usageError } from '../parse.js';
import { readFragment } from '../../bundle/fragment.js';

/** Whether there is a user namespace to id-map by is found out later. */
const around = {
  before: '"linux":{"namespaces":[{"type":"user","path":"/"}]},"mounts":',
  after: '',
};

export function run(invocation: Invocation): number {
  const { host, globals, args } = invocation;
  const [action, id = '', file = ''] = args;
  if (action !== 'add' && action !== 'remove')
    throw usageError(`no such command: ${JSON.stringify(`mounts ${action}`)}`, 'there are "mounts add" and "mounts remove"');
  const say = notices(invocation);
  const { spec, warnings } = readFragment(host, file, { what: 'mounts', ...around });
  sayAll(warnings, say);
  changeMounts(host, { ...say, root: globals.root, id, action, mounts: spec.mounts ?? [], rootless: globals.rootless });
  return 0;
}
