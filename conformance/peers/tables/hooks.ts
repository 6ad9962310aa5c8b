// Each kind of hook × what it can find and do wrong.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hook, HookKind } from '../../harness/config.js';
import type { PeerCase, Table } from '../case.js';
import type { Facts } from '../facts.js';
import { probe, readProbe } from '../probe.js';
import type { Site } from '../site.js';

const kinds: readonly HookKind[] = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];

/** Where a hook of this kind finds /tmp: hooks are resolved and run in different places. */
const tmpOf = (site: Site, kind: HookKind): string => (kind === 'startContainer' ? '/tmp' : join(site.rootfs, 'tmp'));

/** A hook that does not read the state may break the runtime's pipe: one case does that, the others read it. */
const busybox = (script: string, more: Partial<Hook> = {}): Hook => ({
  path: '/bin/busybox',
  args: ['sh', '-c', `/bin/busybox cat > /dev/null; ${script}`],
  ...more,
});

const file = (site: Site, name: string, text: string, mode: number): void => {
  writeFileSync(join(site.rootfs, 'tmp', name), text);
  chmodSync(join(site.rootfs, 'tmp', name), mode);
};

type Maker = (site: Site, tmp: string) => Hook | Hook[];

/** The state on standard input, then everything a program sees. */
const look = (tmp: string): string => `{ ${probe()}\n} > ${tmp}/look`;

const makers: Readonly<Record<string, Maker>> = {
  'a state': (_site, tmp) => ({ path: '/bin/busybox', args: ['sh', '-c', `/bin/busybox cat > ${tmp}/state`] }),
  'no env': (_site, tmp) => busybox(look(tmp)),
  'an empty env': (_site, tmp) => busybox(look(tmp), { env: [] }),
  'an env': (_site, tmp) => busybox(look(tmp), { env: ['A=b', 'PATH=/nowhere'] }),
  'a malformed env': (_site, tmp) => busybox(look(tmp), { env: ['A', '=b', 'A=c'] }),
  'no args': (site, tmp) => {
    file(site, 'hook', `#!/bin/busybox sh\n${look(tmp)}; echo "$0 $#" > ${tmp}/said`, 0o755);
    return { path: `${tmp}/hook` };
  },
  'empty args': (site, tmp) => {
    file(site, 'hook', `#!/bin/busybox sh\n${look(tmp)}; echo "$0 $#" > ${tmp}/said`, 0o755);
    return { path: `${tmp}/hook`, args: [] };
  },
  'another args[0]': () => ({ path: '/bin/busybox', args: ['true', 'x'] }),
  'a missing file': (_site, tmp) => ({ path: `${tmp}/missing` }),
  'a file that is not executable': (site, tmp) => {
    file(site, 'hook', '#!/bin/busybox sh\n', 0o644);
    return { path: `${tmp}/hook` };
  },
  'a directory': (site, tmp) => {
    mkdirSync(join(site.rootfs, 'tmp/directory'));
    return { path: `${tmp}/directory` };
  },
  'a missing interpreter': (site, tmp) => {
    file(site, 'hook', '#!/no/such\n', 0o755);
    return { path: `${tmp}/hook` };
  },
  'a file without #!': (site, tmp) => {
    file(site, 'hook', 'exit 0\n', 0o755);
    return { path: `${tmp}/hook` };
  },
  'a relative path': () => ({ path: 'bin/busybox', args: ['true'] }),
  'exit 1': (_site, tmp) => busybox(`echo why >&2; echo out; > ${tmp}/said; exit 1`),
  'exit 1, and a second hook': (_site, tmp) => [busybox('exit 1'), busybox(`echo second > ${tmp}/said`)],
  killed: () => busybox('kill -9 $$'),
  'a timeout': () => busybox('exec sleep 3', { timeout: 1 }),
  'a timeout, and a child': () => busybox('sleep 2 & wait', { timeout: 1 }),
  'a timeout that is kept': () => busybox('exit 0', { timeout: 5 }),
  'timeout 0': () => busybox('exit 0', { timeout: 0 }),
  'timeout -1': () => busybox('exit 0', { timeout: -1 }),
  'much output': () => busybox('i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done'),
  'a state that it does not read': () => ({ path: '/bin/busybox', args: ['true'] }),
  'a child that stays': (_site, tmp) =>
    busybox(`> ${tmp}/stays; { sleep 0.3; echo late > ${tmp}/said; } > /dev/null 2>&1 < /dev/null & exit 0`),
};

/** The parts of what a hook sees that belong to the container and the runtime, not to the machine. */
const interesting = /^(?:probed|env|cwd|fd [012]|ns|status)/;

function readHook(site: Site): void {
  const read = (name: string): string | undefined => {
    const path = join(site.rootfs, 'tmp', name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const look: Facts = new Map();
  readProbe(read('look') ?? '', look);
  for (const [fact, value] of look) if (interesting.test(fact)) site.facts.set(`hook ${fact}`, value);
  const state = read('state');
  if (state?.startsWith('{') === true) {
    const { ociVersion: _, pid, ...rest } = JSON.parse(state) as Record<string, unknown>;
    for (const [key, value] of Object.entries(rest)) site.facts.set(`host state ${key}`, JSON.stringify(value));
    site.facts.set('host state pid', typeof pid);
  }
  for (const name of ['said', 'poststop', 'program']) site.facts.set(`host ${name}`, read(name)?.trim() ?? 'nothing');
}

/** create, start, delete: which of them fails, which hooks ran and what they saw. */
async function life(site: Site): Promise<void> {
  const { code } = await site.create();
  if (code === 0) await site.verb('start');
  if (code === 0) await site.ended();
  const status = await site.status();
  site.facts.set('shown status', status);
  if (status !== 'none') await site.verb('delete');
  // For the child that stays.
  if (existsSync(join(site.rootfs, 'tmp/stays'))) await sleep(500);
  readHook(site);
}

function caseOf(kind: HookKind, name: string, make: Maker): PeerCase {
  return {
    name: `hooks/${kind} · ${name}`,
    prepare: (config, site) => {
      const poststop = busybox(`echo ran > ${site.rootfs}/tmp/poststop`);
      const made = [make(site, tmpOf(site, kind))].flat();
      config.hooks = { poststop: [...(kind === 'poststop' ? made : []), poststop] };
      if (kind !== 'poststop') config.hooks[kind] = made;
      config.process.args = ['sh', '-c', 'echo ran > /tmp/program'];
    },
    act: life,
  };
}

export const hooks: Table = kinds.flatMap((kind) => Object.entries(makers).map(([name, make]) => caseOf(kind, name, make)));
