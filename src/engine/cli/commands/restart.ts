import { startContainer } from '../../containers/starting/start.js';
import { attributesOf, requireContainer } from '../../records/container-store.js';
import type { ContainerRecord } from '../../records/container.js';
import { emit } from '../../records/events.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';
import { beginAll, finishOne, reportedLater, stopRequest } from './stop.js';

const prefix = 'container:';

/** Ids of the containers whose namespaces it joins. */
const joined = ({ hostConfig: { NetworkMode, PidMode } }: ContainerRecord): string[] =>
  [NetworkMode, PidMode].filter((mode) => mode.startsWith(prefix)).map((mode) => mode.slice(prefix.length));

/** A container starts only while those run whose namespaces it joins, and it may be named before them. */
function joinedContainers({ engine, args }: Call): Set<string> {
  const ids = new Set<string>();
  for (const word of args)
    reportedLater(() => {
      for (const id of joined(requireContainer(engine, word).record)) ids.add(id);
    });
  return ids;
}

/** All get their signal at once, as with stop: whoever waits, waits for the slowest, and not for one after the other. */
export function run(call: Call): number {
  const { engine } = call;
  const request = { ...stopRequest(call), restarts: true };
  const begun = beginAll(call, request, joinedContainers(call));
  return forEachContainer(call, ({ record }, word) => {
    finishOne(engine, begun, word, request);
    startContainer(engine, record.id, { attach: false });
    emit(engine, { Type: 'container', Action: 'restart', id: record.id, attributes: attributesOf(record) });
  });
}
