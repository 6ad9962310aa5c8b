// process.user: ids, groups and umask of the program.
import { add, refuse, warn, type Draft } from '../draft.js';
import type { Process } from '../spec-types.js';
import { make, SetUserT, UmaskT } from '../step.js';
import { unsafeAnnotations } from '../tables/annotations.js';

/** What runc and crun set if the config has none. */
const defaultUmask = 0o022;

/** Any value but "0", as in crun: the annotation is there to give access to whatever those groups may access. */
function keepsGroups({ spec }: Draft): boolean {
  const value = spec.annotations?.[unsafeAnnotations.keepGroups];
  return value !== undefined && value !== '0';
}

/** An unprivileged user namespace with a single group may not call setgroups(2). */
function mayJoinGroups(draft: Draft): boolean {
  if (draft.facts.euid === 0) return true;
  return draft.userNamespace !== null && !draft.userNamespace.denySetgroups;
}

export function planUser(draft: Draft, user: Process['user'], pointer: string): void {
  const { uid = 0, gid = 0, umask = defaultUmask, additionalGids = [], username } = user ?? {};
  if (username !== undefined) warn(draft, `${pointer}/username`, 'is for Windows; ignored');
  const kept = keepsGroups(draft);
  const groups = !kept && mayJoinGroups(draft);
  if (kept && additionalGids.length > 0)
    warn(
      draft,
      `${pointer}/additionalGids`,
      `ignored, because the annotation ${unsafeAnnotations.keepGroups} keeps the caller's groups`,
    );
  else if (!groups && additionalGids.length > 0)
    refuse(`${pointer}/additionalGids`, 'a rootless container cannot have additional groups');
  add(draft, 'user', `${pointer}/umask`, make(UmaskT, { mask: umask }));
  add(draft, 'user', pointer, make(SetUserT, { uid, gid, additionalGids: [...additionalGids], setGroups: groups }));
}
