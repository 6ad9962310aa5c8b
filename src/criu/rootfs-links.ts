// Where a path of the config really is in the root filesystem. Only looks, to name it to criu as the kernel does; nothing is
// opened or made by that name.
import type { Host } from '../host/host.js';
import { cleanPath } from '../plan/paths.js';

const linkLimit = 40;

/** The path with its links followed, as in chroot(2). Parts that do not exist stay as they are. */
export function resolveInRootfs(host: Host, rootfs: string, path: string): string {
  let done = '';
  let left = cleanPath(path).split('/').slice(1);
  for (let links = 0; left.length > 0 && links < linkLimit;) {
    const [name = '', ...rest] = left;
    const next = name === '..' ? done.slice(0, Math.max(0, done.lastIndexOf('/'))) : name === '' ? done : `${done}/${name}`;
    const target = host.lstat(`${rootfs}${next}`)?.type === 'symlink' ? host.readLink(`${rootfs}${next}`) : undefined;
    if (target === undefined) done = next;
    else {
      links += 1;
      if (target.startsWith('/')) done = '';
    }
    left = target === undefined ? rest : [...target.split('/').filter((part) => part !== '' && part !== '.'), ...rest];
  }
  return done === '' ? '/' : done;
}
