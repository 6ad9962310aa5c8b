import { startContainer } from '../../containers/starting/start.js';
import { attributesOf } from '../../records/container-store.js';
import { emit } from '../../records/events.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';
import { beginAll, finishOne, stopRequest } from './stop.js';

/** All get their signal at once, as with stop: whoever waits, waits for the slowest, and not for one after the other. */
export function run(call: Call): number {
  const { engine } = call;
  const request = { ...stopRequest(call), restarts: true };
  const begun = beginAll(call, request);
  return forEachContainer(call, ({ record }, word) => {
    finishOne(engine, begun, word, request);
    startContainer(engine, record.id, { attach: false });
    emit(engine, { Type: 'container', Action: 'restart', id: record.id, attributes: attributesOf(record) });
  });
}
