import { PockerError } from '../../../errors.js';
import { createContainer } from '../../containers/create.js';
import { assertTerminal, detachKeys, inForeground, usualDetachKeys } from '../../containers/foreground.js';
import { given, givenList } from '../../flags/values.js';
import type { ContainerRecord } from '../../records/container.js';
import { removeContainer } from '../../containers/ending/remove.js';
import { startContainer, type Running } from '../../containers/starting/start.js';
import { readContainer } from '../../records/container-store.js';
import type { Engine } from '../../engine.js';
import { engineError, Exit, failureCode, usageError } from '../../errors.js';
import type { Call } from '../command.js';

/** --cidfile: must not exist, or another container's id would be lost. */
export function writeIdFile({ host }: Engine, path: string | undefined, id: string): void {
  if (path !== undefined) host.writeNew(path, id, 0o644);
}

export function assertNoIdFile({ host }: Engine, path: string | undefined): void {
  if (path !== undefined && host.lstat(path) !== null)
    throw engineError(`container ID file found, make sure the other container isn't running or delete ${path}`);
}

/** With --rm, removes at once what could not be started; otherwise keeps it for inspection. */
function start(engine: Engine, record: ContainerRecord, attach: boolean): Running {
  try {
    const running = startContainer(engine, record.id, { attach });
    if (running === null) throw engineError(`container ${record.name} runs already`);
    return running;
  } catch (caught) {
    if (record.hostConfig.AutoRemove && readContainer(engine, record.id) !== null)
      removeContainer(engine, record.id, { force: true, volumes: true });
    if (!(caught instanceof PockerError)) throw caught;
    engine.log.error(caught);
    throw new Exit(failureCode(caught));
  }
}

export function run({ engine, values, args }: Call): number {
  const [image = '', ...words] = args;
  const detached = values['detach'] === true;
  const keys = given(values, 'detach-keys') ?? usualDetachKeys;
  const interactive = values['interactive'] === true;
  detachKeys(keys);
  const streams = givenList(values, 'attach');
  if (detached && streams.length > 0) throw usageError('conflicting options: cannot specify both --attach and --detach', 'run');
  if (!detached) assertTerminal(engine, values['tty'] === true, interactive);
  const idFile = given(values, 'cidfile');
  assertNoIdFile(engine, idFile);
  const record = createContainer(engine, { values, image, words });
  writeIdFile(engine, idFile, record.id);
  const running = start(engine, record, !detached);
  if (detached) {
    engine.host.write(1, `${record.id}\n`);
    return 0;
  }
  const proxy = values['sig-proxy'] !== false;
  return inForeground(engine, record, running, { input: interactive, detachKeys: keys, proxy });
}
