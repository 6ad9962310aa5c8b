// Calls to systemd's manager, through the helper program pocker-systemd (addon/systemd/request.h defines its language).
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { UnitPlan, UnitProperty } from '../plan/plan.js';
import { parentOf } from '../plan/paths.js';

const ETIMEDOUT = 110;
const helperName = 'pocker-systemd';
/** Limit of one visit to systemd, however busy it is. */
const deadlineMs = 30_000;
/** The limit when something has already gone wrong. */
export const shortDeadlineMs = 5_000;

type Manager = UnitPlan['manager'];
type UnitName = Pick<UnitPlan, 'name' | 'manager'>;

/** systemd's answer to one request: null means yes. */
type Answer = { readonly name: string; readonly text: string } | null;

/** Next to the executable, or where install:system puts it; never from $PATH, which somebody else controls. */
function candidates(host: Host): string[] {
  const own = (host.directory ?? parentOf(host.readLink('/proc/self/exe'))).replace(/\/$/, '');
  return [`${own}/${helperName}`, `/usr/local/bin/${helperName}`, `/usr/libexec/${helperName}`];
}

/** The helper's path; undefined if it was not built or not installed. */
export function findHelper(host: Host): string | undefined {
  return candidates(host).find((path) => host.lstat(path)?.type === 'file');
}

/** Where that manager listens, best first: its own socket avoids the bus. */
function addresses(host: Host, manager: Manager): string[] {
  if (manager === 'system') return ['address', 'private', 'unix:path=/run/systemd/private'];
  const runtime = host.env('XDG_RUNTIME_DIR') ?? `/run/user/${host.euid}`;
  const bus = host.env('DBUS_SESSION_BUS_ADDRESS') ?? `unix:path=${runtime}/bus`;
  return ['address', 'private', `unix:path=${runtime}/systemd/private`, 'address', 'bus', bus];
}

function propertyWords({ name, since = 0, signature, words }: UnitProperty): string[] {
  return [name, String(since), signature, ...words];
}

function readAnswer(line: string): Answer {
  if (line === 'ok') return null;
  const [, name = '', text = ''] = /^error (\S+) (.*)$/.exec(line) ?? [];
  return { name, text: text === '' ? line : text };
}

interface Visit {
  readonly manager: Manager;
  readonly requests: readonly (readonly string[])[];
  readonly deadline: number;
  /** "start the unit x.scope", for the error. */
  readonly what: string;
}

function runHelper(host: Host, visit: Visit): string {
  const path = findHelper(host);
  if (path === undefined) {
    const hint = `Build with libsystemd and put ${helperName} next to the runtime, or omit --systemd-cgroup`;
    throw new PockerError('E_CGROUP', `cannot ${visit.what}: ${helperName} is not installed`, {
      path: candidates(host)[0]!,
      hint,
    });
  }
  const stdin = [addresses(host, visit.manager), ...visit.requests].flat().map((word) => `${word}\0`);
  const program = { path, args: [helperName], env: [], stdin: stdin.join(''), timeoutMs: visit.deadline };
  let result;
  try {
    result = host.runProgram(program);
  } catch (caught) {
    throw fromHost('E_CGROUP', `cannot ${visit.what}`, caught, { path });
  }
  if (result.timedOut) {
    throw new PockerError('E_CGROUP', `cannot ${visit.what}: systemd did not answer within ${visit.deadline / 1000} s`, {
      errno: ETIMEDOUT,
      hint: 'Check whether `systemctl list-jobs` answers; if systemd is overloaded, try again',
    });
  }
  if (result.signal === 0 && result.exitCode === 0) return result.output;
  const reason = readAnswer(result.output.trim())?.text ?? '';
  throw new PockerError('E_CGROUP', `cannot ${visit.what}: ${reason === '' ? `${helperName} failed` : reason}`, {
    hint:
      visit.manager === 'user' ? 'Start a session for the user: see `systemctl --user status`' : 'Check that systemd is running',
  });
}

/** The answers to the requests, in order. E_CGROUP if systemd cannot be asked, or does not answer in time. */
function ask(host: Host, visit: Visit): Answer[] {
  const lines = runHelper(host, visit).split('\n').slice(0, visit.requests.length);
  return lines.map(readAnswer);
}

function refused(what: string, { name, text }: NonNullable<Answer>, hint?: string): PockerError {
  const message = name === 'job' ? `its job ended as "${text}"` : text;
  return new PockerError('E_CGROUP', `cannot ${what}: systemd: ${message}`, {
    pointer: '/linux/cgroupsPath',
    ...(hint === undefined ? {} : { hint }),
  });
}

const unitExists = 'org.freedesktop.systemd1.UnitExists';
const noSuchUnit = 'org.freedesktop.systemd1.NoSuchUnit';

/** A unit of that name exists, and is not ours. */
export class UnitExistsError extends PockerError {}

/** Starts the scope around the process, and waits until it is there. */
export function startUnit(host: Host, unit: UnitPlan, pid: number): void {
  const what = `start the unit ${unit.name}`;
  const properties = [{ name: 'PIDs', signature: 'au', words: ['1', String(pid)] }, ...unit.properties];
  const start = ['start', unit.name, String(properties.length), ...properties.flatMap(propertyWords)];
  const visit = { manager: unit.manager, requests: [start], deadline: deadlineMs, what };
  let [answer] = ask(host, visit);
  // systemd keeps a failed unit until somebody has looked at it.
  if (answer?.name === unitExists) answer = ask(host, { ...visit, requests: [['reset', unit.name], start] })[1];
  if (answer === null) return;
  if (answer === undefined) throw new PockerError('E_CGROUP', `cannot ${what}: ${helperName} said nothing`);
  const error = refused(
    what,
    answer,
    answer.name === unitExists ? 'Another container has the same linux.cgroupsPath: choose another' : undefined,
  );
  throw answer.name === unitExists ? new UnitExistsError('E_CGROUP', error.message, error.details) : error;
}

/** Stops the unit, if it still exists, and lets systemd forget it. */
export function stopUnit(host: Host, { name, manager }: UnitName, deadline = deadlineMs): void {
  const what = `stop the unit ${name}`;
  const requests = [
    ['stop', name],
    ['reset', name],
  ];
  const [stopped] = ask(host, { manager, requests, deadline, what });
  if (stopped === null || stopped?.name === noSuchUnit) return;
  throw refused(what, stopped ?? { name: '', text: `${helperName} said nothing` });
}

/** Changes properties of a running unit. */
export function setUnitProperties(host: Host, { name, manager }: UnitName, properties: readonly UnitProperty[]): void {
  if (properties.length === 0) return;
  const what = `change the unit ${name}`;
  const request = ['set', name, String(properties.length), ...properties.flatMap(propertyWords)];
  const [answer] = ask(host, { manager, requests: [request], deadline: deadlineMs, what });
  if (answer !== null) throw refused(what, answer ?? { name: '', text: `${helperName} said nothing` });
}

/** Moves a process of ours into the unit's cgroup, or into one below that ("/a"). */
export function attachToUnit(host: Host, { name, manager }: UnitName, below: string, pid: number): void {
  const what = `attach process ${pid} to the unit ${name}`;
  const [answer] = ask(host, { manager, requests: [['attach', name, below, String(pid)]], deadline: deadlineMs, what });
  if (answer !== null) throw refused(what, answer ?? { name: '', text: `${helperName} said nothing` });
}
