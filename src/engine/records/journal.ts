// Which containers are being changed: an empty file for each, named ID.PID.START (that process's start time, as in
// proc_pid_stat(5)). Whoever finds an entry whose command is gone finishes or undoes its work.
import { identify, isAlive } from '../../container/process.js';
import { isHostFailure } from '../../errors.js';
import type { Engine } from '../engine.js';
import { isMissing } from '../../host/failure.js';
import { namesIn } from '../store/json-files.js';

const EEXIST = 17;

const journal = ({ paths }: Engine): string => `${paths.run}/changing`;

/** Runs `body` with an entry for the container; the entry stays if this process is killed. Nested calls change nothing. */
export function changing<T>(engine: Engine, id: string, body: () => T): T {
  const { host } = engine;
  const entry = `${id}.${host.pid}.${identify(host, host.pid)?.startTime ?? 0}`;
  host.mkdir(journal(engine), 0o700, true);
  try {
    host.writeNew(`${journal(engine)}/${entry}`, '', 0o600);
  } catch (caught) {
    if (isHostFailure(caught) && caught.errno === EEXIST) return body();
    throw caught;
  }
  try {
    return body();
  } finally {
    forget(engine, entry);
  }
}

export function forget(engine: Engine, entry: string): void {
  try {
    engine.host.unlink(`${journal(engine)}/${entry}`);
  } catch (caught) {
    if (!isMissing(caught)) throw caught;
  }
}

export interface Entry {
  readonly name: string;
  readonly id: string;
  /** Its command is still at work. */
  readonly active: boolean;
}

export function entries(engine: Engine): Entry[] {
  return namesIn(engine, journal(engine)).map((name) => {
    const [id = '', pid, startTime] = name.split('.');
    return { name, id, active: isAlive(engine.host, { pid: Number(pid), startTime: Number(startTime) }) };
  });
}

/** Exists as long as the state directory belongs to this boot. */
export const bootMarker = ({ paths }: Engine): string => `${paths.run}/booted`;

/** Whether there is anything to repair: cheap enough for every command to ask. */
export function needsRepair(engine: Engine): boolean {
  return engine.host.lstat(bootMarker(engine)) === null || entries(engine).some(({ active }) => !active);
}
