import { isHostFailure, PockerError } from '../../../../errors.js';
import { emit } from '../../../records/events.js';
import { removeImage } from '../../../images/remove.js';
import type { Call } from '../../command.js';
import { clearStaging } from '../../../store/staging.js';

/** Removes what it can; the exit code is 1 if anything was refused. */
export function run({ engine, values, args }: Call): number {
  clearStaging(engine);
  let code = 0;
  for (const said of args) {
    try {
      const { untagged, deleted } = removeImage(engine, said, values['force'] === true);
      const lines = [...untagged.map((name) => `Untagged: ${name}\n`), ...deleted.map((id) => `Deleted: ${id}\n`)];
      engine.host.write(1, lines.join(''));
      for (const name of untagged) emit(engine, { Type: 'image', Action: 'untag', id: name, attributes: { name } });
      for (const id of deleted.slice(0, 1)) emit(engine, { Type: 'image', Action: 'delete', id, attributes: { name: id } });
    } catch (caught) {
      if (!(caught instanceof PockerError) && !isHostFailure(caught)) throw caught;
      if (values['force'] === true && caught instanceof PockerError && caught.message.startsWith('No such image')) continue;
      engine.log.error(caught);
      code = 1;
    }
  }
  return code;
}
