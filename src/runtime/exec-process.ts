// What a process of exec takes over from the container's own process.
import { GivenValue, parseJson } from '../json/json.js';
import type { Process } from '../plan/spec-types.js';
import { judgePart, processPart } from '../spec/parts.js';

const confining = ['capabilities', 'apparmorProfile', 'selinuxLabel'] as const satisfies readonly (keyof Process)[];

const isGiven = (value: unknown): boolean => value !== undefined && value !== '';

/**
 * Whatever confines a process and is not set in `process` is taken from the container's first process, as with runc
 * (libcontainer's newInitConfig). `own`: the container's process.
 */
export function withConfinement(process: Process, own: Process | undefined): Process {
  const missing = confining.filter((name) => !isGiven(process[name]) && isGiven(own?.[name]));
  return missing.length === 0 ? process : { ...process, ...Object.fromEntries(missing.map((name) => [name, own?.[name]])) };
}

/** `text`: an object with some fields of a process. The rest is as in the container's own, whose environment comes first. */
export function overlaid(own: Process | undefined, text: string): Process {
  const given = parseJson('the process', text).value as Partial<Process>;
  const base: Partial<Process> = own ?? { cwd: '/', user: { uid: 0, gid: 0 } };
  const env = given.env === undefined ? base.env : [...(base.env ?? []), ...[given.env].flat()];
  const whole = {
    ...base,
    terminal: false,
    ...given,
    ...(env === undefined ? {} : { env }),
    user: { ...base.user, ...given.user },
  };
  return judgePart(processPart, new GivenValue('the process', whole, processPart.base)).value;
}
