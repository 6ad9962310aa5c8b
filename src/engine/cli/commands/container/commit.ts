import { pauseContainer, resumeContainer } from '../../../../runtime/pause.js';
import { requireContainer } from '../../../records/container-store.js';
import type { Engine } from '../../../engine.js';
import { emit } from '../../../records/events.js';
import { commitContainer, configOfContainer } from '../../../images/commit.js';
import { applyInstructions } from '../../../images/instructions.js';
import { canonical } from '../../../images/reference.js';
import { parseTarget } from '../../../images/tag.js';
import type { Call } from '../../command.js';
import { clearStaging, withStaging } from '../../../store/staging.js';

/** A running container must not change while we look at it. */
function whilePaused<T>(engine: Engine, id: string, body: () => T): T {
  const container = { root: engine.paths.runtime, id };
  pauseContainer(engine.host, container);
  try {
    return body();
  } finally {
    resumeContainer(engine.host, container);
  }
}

export function run({ engine, values, args: [said, name] }: Call): number {
  const { record, state } = requireContainer(engine, said!);
  const { author, message } = values;
  const changes = (values['change'] as readonly string[] | undefined) ?? [];
  const config = applyInstructions(configOfContainer(record.config), changes);
  const labels = {
    names: name === undefined ? [] : [canonical(parseTarget(name))],
    ...(typeof author === 'string' ? { author } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
  clearStaging(engine);
  const commit = (): string => withStaging(engine, (staging) => commitContainer(engine, record, config, labels, staging).id);
  const pauses = state.status === 'running' && values['pause'] !== false;
  const id = pauses ? whilePaused(engine, record.id, commit) : commit();
  emit(engine, {
    Type: 'container',
    Action: 'commit',
    id: record.id,
    attributes: { image: record.config.Image, imageID: id, name: record.name },
  });
  engine.host.write(1, `${id}\n`);
  return 0;
}
