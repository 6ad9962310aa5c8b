import { removeContainer } from '../../containers/ending/remove.js';
import { removeDamaged } from '../../containers/repair.js';
import { condemn } from '../../containers/ending/stop.js';
import { findId, isDamaged } from '../../records/container-store.js';
import type { Engine } from '../../engine.js';
import { isHostFailure, PockerError } from '../../../errors.js';
import { forEachContainer } from '../each.js';
import type { Call } from '../command.js';

/** Kills all of them before waiting for the first. The removal meets each failure again, and reports it. */
function condemnAll(engine: Engine, words: readonly string[]): ReadonlySet<string> {
  const condemned = words.filter((word) => {
    try {
      const id = findId(engine, word);
      return id !== null && condemn(engine, id);
    } catch (caught) {
      if (!(caught instanceof PockerError) && !isHostFailure(caught)) throw caught;
      return false;
    }
  });
  return new Set(condemned);
}

/** Containers with unreadable records: --force removes them anyway. Returns the other words, and whether all went well. */
function removeUnreadable(
  engine: Engine,
  words: readonly string[],
): { readonly rest: readonly string[]; readonly failed: boolean } {
  let failed = false;
  const rest = words.filter((word) => {
    try {
      const id = findId(engine, word);
      if (id === null || !isDamaged(engine, id)) return true;
      removeDamaged(engine, id);
      engine.host.write(1, `${word}\n`);
    } catch (caught) {
      if (!(caught instanceof PockerError) && !isHostFailure(caught)) throw caught;
      engine.log.error(caught);
      failed = true;
    }
    return false;
  });
  return { rest, failed };
}

export function run(call: Call): number {
  const { engine, values } = call;
  const force = values['force'] === true;
  const request = { force, volumes: values['volumes'] === true };
  const { rest: args, failed } = force ? removeUnreadable(engine, call.args) : { rest: call.args, failed: false };
  const ourDoing = force && args.length > 1 ? condemnAll(engine, args) : new Set<string>();
  // With --force, a missing container counts as removed, as in docker since 23.
  const options = { mayBeGone: force, ourDoing };
  const code = forEachContainer({ ...call, args }, ({ record }) => removeContainer(engine, record.id, request), options);
  return failed ? 1 : code;
}
