// Each option of mount(8) × bind, tmpfs, proc × with and without a user namespace.
import type { Config } from '../../harness/config.js';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Table, userNamespace } from '../case.js';
import type { Site } from '../site.js';

const flags =
  'async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private rbind relatime remount ro rprivate rshared rslave runbindable rw shared silent slave strictatime suid symfollow sync unbindable';
const recursive =
  'rro rrw rnosuid rsuid rnodev rdev rnoexec rexec rnodiratime rdiratime rnoatime ratime rrelatime rnorelatime rstrictatime rnostrictatime rnosymfollow rsymfollow';
const others =
  'tmpcopyup copy-symlink src-nofollow dest-nofollow idmap ridmap auto noauto user users owner group _netdev nofail x-test=1 comment=x nosuchoption size=64k mode=0700 uid=5 hidepid=2 RO size=64k,mode=0700 nosuid,size=64k ro,nosuid size= =64k size="64k"';

export const options: readonly string[] = [flags, recursive, others].flatMap((list) => list.split(' '));

const types = {
  bind: (site: Site, option: string) => {
    mkdirSync(site.path('source'));
    writeFileSync(site.path('source/file'), '');
    return { type: 'bind', source: site.path('source'), options: ['bind', option] };
  },
  tmpfs: (_site: Site, option: string) => ({ type: 'tmpfs', source: 'tmpfs', options: [option] }),
  proc: (_site: Site, option: string) => ({ type: 'proc', source: 'proc', options: [option] }),
};

function table(): Table {
  const rows = options.flatMap((option) =>
    Object.entries(types).flatMap(([type, mount]) => [false, true].map((user) => ({ option, type, mount, user }))),
  );
  return rows.map(({ option, type, mount, user }) => ({
    name: `mount-options/${option} ${type}${user ? ' in a user namespace' : ''}`,
    prepare: (config: Config, site: Site) => {
      mkdirSync(`${site.rootfs}/m`);
      config.mounts.push({ destination: '/m', ...mount(site, option) });
      if (user) userNamespace(config, site);
    },
  }));
}

export const mountOptions = table();
