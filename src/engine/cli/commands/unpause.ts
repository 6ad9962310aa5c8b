import { unpauseContainer } from '../../containers/pause.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';

export const run = (call: Call): number => forEachContainer(call, ({ record }) => unpauseContainer(call.engine, record.id));
