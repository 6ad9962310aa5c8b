import { startContainer } from '../../containers/starting/start.js';
import { stopContainer } from '../../containers/ending/stop.js';
import { attributesOf } from '../../records/container-store.js';
import { emit } from '../../records/events.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';
import { stopRequest } from './stop.js';

export function run(call: Call): number {
  const { engine } = call;
  const request = { ...stopRequest(call), restarts: true };
  return forEachContainer(call, ({ record }) => {
    stopContainer(engine, record.id, request);
    startContainer(engine, record.id, { attach: false });
    emit(engine, { Type: 'container', Action: 'restart', id: record.id, attributes: attributesOf(record) });
  });
}
