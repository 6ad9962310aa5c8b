// The user's seccomp profiles: read when the container is created and kept in its record, as in docker. It may start from another
// directory, or when the file is gone.
import { fromHost } from '../../../errors.js';
import { errnoNumber } from '../../../host/errno.js';
import { parseJson } from '../../../json/json.js';
import { writeJson } from '../../../json/write.js';
import type { Seccomp } from '../../../plan/spec-types.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { checkOf } from '../../store/shapes.js';

const limit = 4 * 1024 * 1024;

/** docker's names for no profile, and for its own. */
const special: readonly string[] = ['unconfined', 'builtin'];

/** When a rule applies; all of its conditions must hold. */
export interface Conditions {
  /** Go's names: "amd64". */
  readonly arches?: readonly string[] | null;
  readonly caps?: readonly string[] | null;
  /** "4.8" */
  readonly minKernel?: string | null;
}

type Rule = NonNullable<Seccomp['syscalls']>[number];

/** A profile in docker's form, which podman also uses: OCI's with conditions. */
export interface Profile extends Omit<Seccomp, 'syscalls'> {
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[] | null;
  readonly syscalls?:
    | readonly (Omit<Rule, 'names'> & {
        readonly name?: string | null;
        readonly names?: readonly string[] | null;
        readonly includes?: Conditions | null;
        readonly excludes?: Conditions | null;
      })[]
    | null;
}

const conditions = { arches: ['string'], caps: ['string'], minKernel: 'string' } as const;

/** The runtime checks what it gets of it. */
const misfitOf = checkOf({
  archMap: [{ 'architecture!': 'string', subArchitectures: ['string'] }],
  architectures: ['string'],
  defaultErrno: 'string',
  syscalls: [{ name: 'string', names: ['string'], errno: 'string', includes: conditions, excludes: conditions }],
});

function readText({ host }: Engine, path: string): string {
  try {
    return host.readText(path, limit);
  } catch (caught) {
    throw fromHost('E_ENGINE', `opening seccomp profile (${path}) failed`, caught);
  }
}

/** podman's profiles also name the errors. */
interface NamedErrors extends Omit<Profile, 'syscalls'> {
  readonly defaultErrno?: string | null;
  readonly syscalls?: readonly (NonNullable<Profile['syscalls']>[number] & { readonly errno?: string | null })[] | null;
}

/** The name, or a number as text, counts before the number beside it: containers/common's rule. */
function numberOf(profile: string, said: string): number {
  const number = /^\d{1,9}$/.test(said) ? Number(said) : errnoNumber(said);
  if (number === undefined)
    throw engineError(`${profile}: unknown errno ${JSON.stringify(said)}`, 'Use a name of errno(3), such as EPERM, or a number');
  return number;
}

/** With numbers instead of names: the runtime knows only those. */
function withNumbers(name: string, { defaultErrno, syscalls, ...rest }: NamedErrors): Profile {
  const isSaid = (said: string | null | undefined): said is string => (said ?? '') !== '';
  return {
    ...rest,
    ...(isSaid(defaultErrno) ? { defaultErrnoRet: numberOf(name, defaultErrno) } : {}),
    ...(syscalls === undefined || syscalls === null
      ? {}
      : {
          syscalls: syscalls.map(({ errno, ...rule }) => (isSaid(errno) ? { ...rule, errnoRet: numberOf(name, errno) } : rule)),
        }),
  };
}

/** The profile, from the file of that name or the text itself. */
export function profileOf(engine: Engine, said: string): Profile {
  const isText = said.startsWith('{');
  const name = isText ? 'seccomp profile' : `seccomp profile ${JSON.stringify(said)}`;
  const { value } = parseJson(name, isText ? said : readText(engine, said));
  const misfit = misfitOf(value);
  if (misfit === undefined) return withNumbers(name, value as NamedErrors);
  throw engineError(`${name}: ${misfit === '' ? 'it' : misfit} is not what it must be`);
}

export const isSpecial = (said: string): boolean => special.includes(said);

/** "seccomp=FILE" → "seccomp={…}" */
export function withProfile<T extends { readonly SecurityOpt: readonly string[] }>(engine: Engine, hostConfig: T): T {
  const SecurityOpt = hostConfig.SecurityOpt.map((word) => {
    const said = /^seccomp[=:](.*)$/s.exec(word)?.[1];
    // Not JSON.stringify: a profile compares arguments with 64-bit numbers.
    return said === undefined || isSpecial(said) ? word : `seccomp=${writeJson(profileOf(engine, said))}`;
  });
  return { ...hostConfig, SecurityOpt };
}
