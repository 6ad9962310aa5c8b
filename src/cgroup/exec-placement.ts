// Decides in which of the container's cgroups exec puts its process.
import { isHostFailure, PockerError } from '../errors.js';
import { gatherFacts, isText } from '../host/facts.js';
import type { CgroupFacts } from '../host/host-facts.js';
import type { Host } from '../host/host.js';
import { cleanPath } from '../plan/paths.js';
import type { CgroupRecord, ContainerRecord } from '../container/record.js';

const [ENOENT, EBUSY] = [2, 16];
const smallFile = 65_536;
/** access(2) */
const W_OK = 2;

export interface ExecCgroups {
  /** The v2 cgroup to be born in; "" if there is none. */
  readonly intoCgroup: string;
  /** The v1 cgroups to join. */
  readonly v1Cgroups: readonly string[];
}

/** `--cgroup [CONTROLLER[,CONTROLLER…]:]PATH`: existing cgroups below the container's. */
interface Wanted {
  /** Empty: all that are not named otherwise. */
  readonly controllers: readonly string[];
  readonly path: string;
}

function parse(text: string): Wanted {
  const [, names, path = ''] = /^(?:([^:/]*):)?(.*)$/s.exec(text) ?? [];
  if (path.split('/').includes('..')) {
    throw new PockerError('E_USAGE', `--cgroup ${JSON.stringify(text)}: not below the container's cgroup`);
  }
  return { controllers: names === undefined ? [] : names.split(','), path: cleanPath(`/${path}`) };
}

function assertKnown(texts: readonly string[], own: readonly CgroupRecord[]): void {
  const known = own.flatMap(({ controller }) => controller.split(','));
  for (const name of texts.flatMap((text) => parse(text).controllers)) {
    if (name !== '' && known.includes(name)) continue;
    const hint = known.every((one) => one === '') ? 'With cgroup v2, give the path alone' : `Choose one of: ${known.join(', ')}`;
    throw new PockerError('E_USAGE', `--cgroup: the container has no cgroup of controller ${JSON.stringify(name)}`, { hint });
  }
}

function execCgroup(host: Host, { path, controller }: CgroupRecord, wanted: readonly Wanted[]): string {
  const names = controller.split(',');
  const one = wanted.find(({ controllers }) => controllers.some((name) => names.includes(name)));
  const below = (one ?? wanted.find(({ controllers }) => controllers.length === 0))?.path ?? '/';
  const full = below === '/' ? path : `${path}${below}`;
  if (below !== '/' && host.lstat(full)?.type !== 'directory') {
    throw new PockerError('E_CGROUP', `--cgroup: ${full} does not exist`, { path: full });
  }
  return full;
}

export function execCgroups(host: Host, cgroups: readonly CgroupRecord[], texts: readonly string[]): ExecCgroups {
  const own = cgroups.filter(({ parent }) => !parent);
  assertKnown(texts, own);
  const wanted = texts.map(parse);
  const pathsOf = (unified: boolean): string[] =>
    own.filter(({ controller }) => (controller === '') === unified).map((record) => execCgroup(host, record, wanted));
  const [intoCgroup = ''] = pathsOf(true);
  return { intoCgroup, v1Cgroups: pathsOf(false) };
}

/**
 * Where to be born if the kernel refuses the container's own v2 cgroup: where the container's first process is. Either a program
 * has made cgroups below it, handed controllers to them and left it empty ("no internal processes"), or the process was moved
 * elsewhere and the cgroup removed. null: nowhere.
 */
export function otherCgroup(host: Host, { init }: ContainerRecord, intoCgroup: string, caught: unknown): string | null {
  if (!isHostFailure(caught) || intoCgroup === '' || init === null) return null;
  const gone = caught.errno === ENOENT && host.lstat(intoCgroup) === null;
  if (!gone && caught.errno !== EBUSY) return null;
  const mount = gatherFacts(host).cgroup.unified?.mount ?? '';
  const initCgroup = unifiedCgroupOf(host, init.pid);
  if (gone) return initCgroup === '' ? null : `${mount}${initCgroup}`;
  return initCgroup.startsWith(`${intoCgroup.slice(mount.length)}/`) ? `${mount}${initCgroup}` : null;
}

/** "" if it is deeper than the kernel can say, or has a name that is not text. */
function unifiedCgroupOf(host: Host, pid: number): string {
  try {
    const path = /^0::(.*)$/m.exec(host.readText(`/proc/${pid}/cgroup`, smallFile))?.[1] ?? '';
    return isText(path) ? path : '';
  } catch (caught) {
    if (isHostFailure(caught)) return '';
    throw caught;
  }
}

/** cgroups(7): moving a process requires the right to write to the cgroup that both places are below. */
export function mayMoveInto(host: Host, { unified }: CgroupFacts, into: string): boolean {
  if (unified === null || into === '') return true;
  const own = `${unified.mount}${unified.own}`.split('/');
  const target = into.split('/');
  const apart = target.findIndex((part, index) => part !== own[index]);
  const common = target.slice(0, apart < 0 ? target.length : apart).join('/');
  return host.access(`${common}/cgroup.procs`, W_OK);
}
