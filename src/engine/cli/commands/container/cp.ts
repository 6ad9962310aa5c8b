import { fromHost } from '../../../../errors.js';
import { copyIn, copyOut, type CopyFlags } from '../../../containers/copy.js';
import { requireContainer } from '../../../records/container-store.js';
import { engineError } from '../../../errors.js';
import type { Call } from '../../command.js';

interface Place {
  /** undefined: on this machine. */
  readonly container?: string;
  readonly path: string;
}

/** "NAME:PATH"; a local path with a colon starts with "/" or ".". */
function parsePlace(said: string): Place {
  const colon = said.indexOf(':');
  if (said.startsWith('/') || said.startsWith('.') || colon < 0) return { path: said };
  return { container: said.slice(0, colon), path: said.slice(colon + 1) };
}

export function run({ engine, values, args }: Call): number {
  const [from, to] = args.map(parsePlace) as [Place, Place];
  const flags: CopyFlags = { archive: values['archive'] === true, follow: values['follow-link'] === true };
  if (from.container !== undefined && to.container !== undefined)
    throw engineError('copying between containers is not supported', 'Copy to this machine first');
  const container = from.container ?? to.container;
  if (container === undefined)
    throw engineError('must specify at least one container source', 'Write a path in a container as CONTAINER:PATH');
  const stored = requireContainer(engine, container);
  try {
    if (from.container !== undefined) copyOut(engine, { stored, said: container, path: from.path }, to.path, flags);
    else copyIn(engine, from.path, { stored, said: container, path: to.path }, flags);
    return 0;
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot copy', caught);
  }
}
