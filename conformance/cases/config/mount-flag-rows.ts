// What runc 1.5.2 does with bind mounts, as mountinfo shows it: each row with rbind, except the first ones.

/** The host mounts that are bound; each has another mount with the same options below it. */
export const sources = {
  plain: 'rw',
  hardened: 'ro,nosuid,nodev,noexec,nosymfollow',
  noatime: 'noatime,nodiratime',
  strictatime: 'strictatime',
} as const;

export type SourceName = keyof typeof sources;

/**
 * H: nosuid,nodev,noexec. After a semicolon: the options of the mount below, if they change. In a user namespace, by source: "=",
 * the same; "-", refused; otherwise what it is there.
 */
const table = `
options                        | plain                                           | hardened                                                                    | noatime                                                             | strictatime                   | user
bind                           | rw,relatime                                     | ro,H,relatime,nosymfollow                                                   | rw,noatime,nodiratime                                               | rw                            | = = = =
rbind                          | rw,relatime                                     | ro,H,relatime,nosymfollow                                                   | rw,noatime,nodiratime                                               | rw                            | = = = =
bind,rprivate                  | rw,relatime                                     | ro,H,relatime,nosymfollow                                                   | rw,noatime,nodiratime                                               | rw                            | = = = =
ro                             | ro,relatime                                     | ro,relatime                                                                 | ro,noatime,nodiratime                                               | ro                            | = ro,H,relatime = =
rw                             | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = - = =
nosuid                         | rw,nosuid,relatime                              | rw,nosuid,relatime                                                          | rw,nosuid,noatime,nodiratime                                        | rw,nosuid                     | = ro,H,relatime = =
suid                           | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = - = =
nodev                          | rw,nodev,relatime                               | rw,nodev,relatime                                                           | rw,nodev,noatime,nodiratime                                         | rw,nodev                      | = ro,H,relatime = =
dev                            | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = - = =
noexec                         | rw,noexec,relatime                              | rw,noexec,relatime                                                          | rw,noexec,noatime,nodiratime                                        | rw,noexec                     | = ro,H,relatime = =
exec                           | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = - = =
nosymfollow                    | rw,relatime,nosymfollow                         | rw,relatime,nosymfollow                                                     | rw,noatime,nodiratime,nosymfollow                                   | rw,nosymfollow                | = ro,H,relatime,nosymfollow = =
symfollow                      | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
noatime                        | rw,noatime                                      | rw,noatime                                                                  | rw,noatime                                                          | rw,noatime                    | - - - -
relatime                       | rw,relatime                                     | rw,relatime                                                                 | rw,relatime                                                         | rw,relatime                   | = ro,H,relatime - -
strictatime                    | rw                                              | rw                                                                          | rw                                                                  | rw                            | - - - =
nodiratime                     | rw,nodiratime,relatime                          | rw,nodiratime,relatime                                                      | rw,nodiratime,relatime                                              | rw,nodiratime,relatime        | - - - -
norelatime                     | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
noatime,nodiratime             | rw,noatime,nodiratime                           | rw,noatime,nodiratime                                                       | rw,noatime,nodiratime                                               | rw,noatime,nodiratime         | - - = -
noatime,relatime               | rw,noatime                                      | rw,noatime                                                                  | rw,noatime                                                          | rw,noatime                    | - - - -
noatime,strictatime            | rw                                              | rw                                                                          | rw                                                                  | rw                            | - - - =
strictatime,noatime            | rw                                              | rw                                                                          | rw                                                                  | rw                            | - - - =
relatime,nodiratime            | rw,nodiratime,relatime                          | rw,nodiratime,relatime                                                      | rw,nodiratime,relatime                                              | rw,nodiratime,relatime        | - - - -
sync                           | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
async                          | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
mand                           | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
nomand                         | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
lazytime                       | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
iversion                       | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
silent                         | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
loud                           | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime = =
ro,rw                          | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = - = =
rw,ro                          | ro,relatime                                     | ro,relatime                                                                 | ro,noatime,nodiratime                                               | ro                            | = ro,H,relatime = =
nosuid,suid,nodev              | rw,nodev,relatime                               | rw,nodev,relatime                                                           | rw,nodev,noatime,nodiratime                                         | rw,nodev                      | = - = =
ro,nosuid,nodev,noexec,noatime | ro,H,noatime                                    | ro,H,noatime                                                                | ro,H,noatime                                                        | ro,H,noatime                  | - - - -
rw,exec                        | rw,relatime                                     | rw,relatime                                                                 | rw,noatime,nodiratime                                               | rw                            | = - = =
rro                            | ro,relatime;ro,relatime                         | ro,H,relatime,nosymfollow                                                   | ro,noatime,nodiratime;ro,noatime,nodiratime                         | ro;ro                         | = = = =
rrw                            | rw,relatime                                     | rw,H,relatime,nosymfollow;rw,H,relatime,nosymfollow                         | rw,noatime,nodiratime                                               | rw                            | = - = =
rnosuid                        | rw,nosuid,relatime;rw,nosuid,relatime           | ro,H,relatime,nosymfollow                                                   | rw,nosuid,noatime,nodiratime;rw,nosuid,noatime,nodiratime           | rw,nosuid;rw,nosuid           | = = = =
rsuid                          | rw,relatime                                     | ro,nodev,noexec,relatime,nosymfollow;ro,nodev,noexec,relatime,nosymfollow   | rw,noatime,nodiratime                                               | rw                            | = - = =
rnodev                         | rw,nodev,relatime;rw,nodev,relatime             | ro,H,relatime,nosymfollow                                                   | rw,nodev,noatime,nodiratime;rw,nodev,noatime,nodiratime             | rw,nodev;rw,nodev             | = = = =
rdev                           | rw,relatime                                     | ro,nosuid,noexec,relatime,nosymfollow;ro,nosuid,noexec,relatime,nosymfollow | rw,noatime,nodiratime                                               | rw                            | = - = =
rnoexec                        | rw,noexec,relatime;rw,noexec,relatime           | ro,H,relatime,nosymfollow                                                   | rw,noexec,noatime,nodiratime;rw,noexec,noatime,nodiratime           | rw,noexec;rw,noexec           | = = = =
rexec                          | rw,relatime                                     | ro,nosuid,nodev,relatime,nosymfollow;ro,nosuid,nodev,relatime,nosymfollow   | rw,noatime,nodiratime                                               | rw                            | = - = =
rnosymfollow                   | rw,relatime,nosymfollow;rw,relatime,nosymfollow | ro,H,relatime,nosymfollow                                                   | rw,noatime,nodiratime,nosymfollow;rw,noatime,nodiratime,nosymfollow | rw,nosymfollow;rw,nosymfollow | = = = =
rsymfollow                     | rw,relatime                                     | ro,H,relatime;ro,H,relatime                                                 | rw,noatime,nodiratime                                               | rw                            | = = = =
rnoatime                       | rw,noatime;rw,noatime                           | ro,H,noatime,nosymfollow;ro,H,noatime,nosymfollow                           | rw,noatime,nodiratime                                               | rw,noatime;rw,noatime         | - - = -
rrelatime                      | rw,relatime                                     | ro,H,relatime,nosymfollow                                                   | rw,nodiratime,relatime;rw,nodiratime,relatime                       | rw,relatime;rw,relatime       | = = - -
rstrictatime                   | rw;rw                                           | ro,H,nosymfollow;ro,H,nosymfollow                                           | rw,nodiratime;rw,nodiratime                                         | rw                            | - - - =
rnodiratime                    | rw,nodiratime,relatime;rw,nodiratime,relatime   | ro,H,nodiratime,relatime,nosymfollow;ro,H,nodiratime,relatime,nosymfollow   | rw,noatime,nodiratime                                               | rw,nodiratime;rw,nodiratime   | - - = -
rdiratime                      | rw,relatime                                     | ro,H,relatime,nosymfollow                                                   | rw,noatime;rw,noatime                                               | rw                            | = = - =
ratime                         | rw,relatime                                     | ro,H,relatime,nosymfollow                                                   | rw,nodiratime,relatime;rw,nodiratime,relatime                       | rw,relatime;rw,relatime       | = = - -
rnorelatime                    | rw,relatime                                     | ro,H,relatime,nosymfollow                                                   | rw,nodiratime,relatime;rw,nodiratime,relatime                       | rw,relatime;rw,relatime       | = = - -
rnostrictatime                 | rw,relatime                                     | ro,H,relatime,nosymfollow                                                   | rw,nodiratime,relatime;rw,nodiratime,relatime                       | rw,relatime;rw,relatime       | = = - -
rro,rnosuid                    | ro,nosuid,relatime;ro,nosuid,relatime           | ro,H,relatime,nosymfollow                                                   | ro,nosuid,noatime,nodiratime;ro,nosuid,noatime,nodiratime           | ro,nosuid;ro,nosuid           | = = = =
rro,nodev                      | ro,nodev,relatime;ro,relatime                   | ro,nodev,relatime                                                           | ro,nodev,noatime,nodiratime;ro,noatime,nodiratime                   | ro,nodev;ro                   | = ro,H,relatime = =
ro,rrw                         | rw,relatime                                     | rw,relatime;rw,H,relatime,nosymfollow                                       | rw,noatime,nodiratime                                               | rw                            | = - = =
rrw,ro                         | rw,relatime                                     | rw,relatime;rw,H,relatime,nosymfollow                                       | rw,noatime,nodiratime                                               | rw                            | = - = =
rro,rw                         | ro,relatime;ro,relatime                         | ro,relatime                                                                 | ro,noatime,nodiratime;ro,noatime,nodiratime                         | ro;ro                         | = - = =
rw,rro                         | ro,relatime;ro,relatime                         | ro,relatime                                                                 | ro,noatime,nodiratime;ro,noatime,nodiratime                         | ro;ro                         | = - = =
rnoatime,strictatime           | rw,noatime;rw,noatime                           | rw,noatime;ro,H,noatime,nosymfollow                                         | rw,noatime                                                          | rw,noatime;rw,noatime         | - - - -
noatime,rstrictatime           | rw;rw                                           | rw;ro,H,nosymfollow                                                         | rw;rw,nodiratime                                                    | rw                            | - - - -
rro,rrw                        | rw,relatime                                     | rw,H,relatime,nosymfollow;rw,H,relatime,nosymfollow                         | rw,noatime,nodiratime                                               | rw                            | = - = =
nosymfollow,rsymfollow         | rw,relatime                                     | rw,relatime;ro,H,relatime                                                   | rw,noatime,nodiratime                                               | rw                            | = ro,H,relatime;ro,H,relatime = =
`;

export interface FlagRow {
  readonly options: readonly string[];
  readonly seen: Readonly<Record<SourceName, string>>;
  /** In a user namespace; undefined: refused. */
  readonly inUser: Readonly<Record<SourceName, string | undefined>>;
}

export const sourceNames = Object.keys(sources) as SourceName[];

const written = (text: string): string => text.replaceAll(/\bH\b/g, 'nosuid,nodev,noexec');

function parseRow(line: string): FlagRow {
  const [words = '', ...cells] = line.split('|').map((cell) => cell.trim());
  const options = words.split(',');
  const user = cells.pop()?.split(' ') ?? [];
  const seen = sourceNames.map((name, index) => [name, written(cells[index] ?? '')] as const);
  const inUser = seen.map(([name, same], index) => {
    const mark = user[index] ?? '';
    return [name, mark === '=' ? same : mark === '-' ? undefined : written(mark)] as const;
  });
  return {
    options: /^r?bind/.test(words) ? options : ['rbind', ...options],
    seen: Object.fromEntries(seen) as FlagRow['seen'],
    inUser: Object.fromEntries(inUser) as FlagRow['inUser'],
  };
}

export const flagRows: readonly FlagRow[] = table.trim().split('\n').slice(1).map(parseRow);
