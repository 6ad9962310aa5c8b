import t from 'tap';
import type { Host } from '../../host/host.js';
import { defaultRoot, isRootless } from './privilege.js';

const initial = '         0          0 4294967295\n';
const podman = '         0       1000          1\n         1     100000      65536\n';

function hostOf(euid: number, map: string, env: Record<string, string>): Host {
  const host: Partial<Host> = { euid, env: (name: string) => env[name] ?? null, readText: () => map };
  return host as Host;
}

type Row = [title: string, euid: number, map: string, env: Record<string, string>, rootless: boolean, root: string];

const runtimeDirectory = { XDG_RUNTIME_DIR: '/run/user/1000' };
const rows: Row[] = [
  ['root', 0, initial, {}, false, '/run/pocker-runc'],
  ['root with a session', 0, initial, { XDG_RUNTIME_DIR: '/run/user/0', USER: 'root' }, false, '/run/pocker-runc'],
  ['an ordinary user', 1000, initial, runtimeDirectory, true, '/run/user/1000/pocker-runc'],
  ['an ordinary user without a session', 1000, initial, {}, true, '/run/pocker-runc'],
  ['root of the user namespace that podman made', 0, podman, runtimeDirectory, true, '/run/user/1000/pocker-runc'],
  ['the same, with the user’s name', 0, podman, { ...runtimeDirectory, USER: 'me' }, true, '/run/user/1000/pocker-runc'],
  ['a root shell in a user namespace', 0, podman, { ...runtimeDirectory, USER: 'root' }, true, '/run/pocker-runc'],
  ['an empty variable', 1000, initial, { XDG_RUNTIME_DIR: '' }, true, '/run/pocker-runc'],
];

for (const [title, euid, map, env, rootless, root] of rows) {
  t.test(title, (t) => {
    const host = hostOf(euid, map, env);
    t.equal(isRootless(host), rootless);
    t.equal(defaultRoot(host), root);
    t.end();
  });
}
