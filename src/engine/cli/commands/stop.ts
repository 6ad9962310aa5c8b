import { given, integerOf } from '../../flags/values.js';
import { beginStop, finishStop, stopContainer, type Stopping, type StopRequest } from '../../containers/ending/stop.js';
import { requireContainer } from '../../records/container-store.js';
import { isHostFailure, PockerError } from '../../../errors.js';
import type { Engine } from '../../engine.js';
import type { Call } from '../command.js';
import { forEachWord } from './many.js';

export function stopRequest({ values }: Call): StopRequest {
  return {
    seconds: given(values, 'time') === undefined ? undefined : integerOf(values, 'time', 'stop'),
    signal: given(values, 'signal'),
  };
}

/** A failure shows again when the container's turn comes, and is reported then. */
export function reportedLater(body: () => void): void {
  try {
    body();
  } catch (caught) {
    if (!(caught instanceof PockerError) && !isHostFailure(caught)) throw caught;
  }
}

/** Signals all before waiting for the first, except those that must run until their turn comes. */
export function beginAll({ engine, args }: Call, request: StopRequest, inTurn = new Set<string>()): Map<string, Stopping | null> {
  const begun = new Map<string, Stopping | null>();
  const ids = new Set(inTurn);
  for (const word of args)
    reportedLater(() => {
      const { id } = requireContainer(engine, word).record;
      if (!ids.has(id)) begun.set(word, beginStop(engine, id, request));
      ids.add(id);
    });
  return begun;
}

/** Waits for the end of the container with that name, or stops it now if that was not begun. */
export function finishOne(engine: Engine, begun: Map<string, Stopping | null>, word: string, request: StopRequest): void {
  const stopping = begun.get(word);
  begun.delete(word);
  if (stopping === undefined) stopContainer(engine, requireContainer(engine, word).record.id, request);
  else if (stopping !== null) finishStop(engine, stopping);
}

export function run(call: Call): number {
  const { engine, args } = call;
  const request = stopRequest(call);
  const begun = beginAll(call, request);
  return forEachWord(engine, args, (word) => {
    finishOne(engine, begun, word, request);
    engine.host.write(1, `${word}\n`);
  });
}
