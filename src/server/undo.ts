// After a worker was killed because its request was aborted: removes what it made, however far it got.
import type { ProcessIdentity } from '../container/record.js';
import { deleteUnfinished } from '../runtime/delete.js';
import type { Request } from './messages.js';
import type { Context } from './context.js';

export function undo({ host, root, warn }: Context, request: Request, worker: ProcessIdentity): void {
  if (request.verb === 'create' || request.verb === 'run' || request.verb === 'restore')
    deleteUnfinished(host, { root, id: request.id, creator: worker, warn });
}
