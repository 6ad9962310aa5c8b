// Resolves a user and group name with the container's own files.
import { isHostFailure } from '../../../errors.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';

const fileLimit = 4 * 1024 * 1024;
const largest = 0x7fff_ffff;

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

const isId = (field = ''): boolean => /^\d{1,10}$/.test(field) && Number(field) <= largest;

/** Lines of a file like passwd(5) with ids in those fields; none if the image lacks the file. */
function table({ host }: Engine, root: string, path: string, ids: readonly number[]): readonly (readonly string[])[] {
  try {
    return host
      .readTextInRoot(root, path, fileLimit)
      .split('\n')
      .map((line) => line.trim().split(':'))
      .filter((fields) => ids.every((index) => isId(fields[index])));
  } catch (caught) {
    if (isHostFailure(caught)) return [];
    throw caught;
  }
}

function idOf(said: string): number | undefined {
  if (!/^\d+$/.test(said)) return undefined;
  if (Number(said) > largest) throw engineError(`uids and gids must be in range 0-${largest}`, 'Use a smaller number');
  return Number(said);
}

interface Files {
  readonly users: readonly (readonly string[])[];
  readonly groups: readonly (readonly string[])[];
}

function groupId({ groups }: Files, said: string): number {
  const named = groups.find(([name]) => name === said);
  const id = named === undefined ? idOf(said) : Number(named[2]);
  if (id === undefined) throw engineError(`unable to find group ${said}: no matching entries in group file`, 'Use its number');
  return id;
}

/** `said`: "", USER or USER:GROUP, each a name or a number. `root`: the container's root filesystem. */
export function resolveUser(engine: Engine, root: string, said: string, more: readonly string[]): ContainerUser {
  const files: Files = { users: table(engine, root, 'etc/passwd', [2, 3]), groups: table(engine, root, 'etc/group', [2]) };
  const [userWord = '', groupWord = ''] = said.split(':');
  const wanted = userWord === '' ? '0' : userWord;
  const number = idOf(wanted);
  const entry = files.users.find(([name, , uid]) => name === wanted || (number !== undefined && Number(uid) === number));
  if (entry === undefined && number === undefined)
    throw engineError(`unable to find user ${wanted}: no matching entries in passwd file`, 'Use its number');
  const uid = entry === undefined ? number! : Number(entry[2]);
  const gid = groupWord !== '' ? groupId(files, groupWord) : Number(entry?.[3] ?? 0);
  const own = groupWord !== '' || entry === undefined ? [] : memberships(files, entry[0]!);
  const added = more.map((group) => groupId(files, group));
  const home = entry?.[5] ?? '';
  return { uid, gid, additionalGids: [...new Set([gid, ...own, ...added])], home: home === '' ? '/' : home };
}

function memberships({ groups }: Files, name: string): number[] {
  return groups.filter(([, , , members]) => (members ?? '').split(',').includes(name)).map(([, , id]) => Number(id));
}
