// The table in SECURITY.md, "What each process may do", is what /proc shows at these moments.
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded } from '../harness/case.js';
import { projectRoot, runtime } from '../harness/runtime.js';
import type { Box } from '../harness/box.js';
import { waitForText } from '../harness/container.js';
import { attack } from './attack.js';

const first = 100_000;
const user = 1000;

/** The rows below the heading, by their first cells. */
function table(): Map<string, readonly string[]> {
  const text = readFileSync(join(projectRoot, 'SECURITY.md'), 'utf8');
  const part = text.split('## What each process may do')[1]?.split('\n## ')[0] ?? '';
  const rows = part.split('\n').filter((line) => line.startsWith('| '));
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return new Map(cells.slice(1).map(([moment = '', ...rest]) => [moment, rest]));
}

const field = (pid: number, name: string): string =>
  new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

function ids(pid: number): string {
  const uid = Number(field(pid, 'Uid'));
  return uid === process.getuid?.()
    ? "the caller's"
    : uid === first
      ? "the container's root"
      : uid === first + user
        ? 'process.user'
        : `${uid}`;
}

function capabilities(pid: number): string {
  const effective = BigInt(`0x${field(pid, 'CapEff')}`);
  const caller = BigInt(`0x${field(process.pid, 'CapEff')}`);
  const last = BigInt(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  if (effective === 1n) return 'process.capabilities';
  if (ids(pid) === "the caller's") return effective === caller ? "the caller's" : field(pid, 'CapEff');
  return effective === (1n << (last + 1n)) - 1n ? 'all, in its user namespace' : field(pid, 'CapEff');
}

function namespaces(pid: number): string {
  const kinds = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts'];
  const own = kinds.filter((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`) === readlinkSync(`/proc/self/ns/${kind}`));
  return own.length === 0 ? "the container's" : own.length === kinds.length ? "the caller's" : `the caller's ${own.join(', ')}`;
}

/** By how it looks there: the host's has more in it. */
function root(pid: number): string {
  return readdirSync(`/proc/${pid}/root/`).includes('usr') ? "the host's" : "the container's";
}

function kindOf(pid: number, fd: string, box: Box): string {
  const link = readlinkSync(`/proc/${pid}/fd/${fd}`);
  for (const [start, kind] of [
    ['socket:', 'sockets'],
    ['/memfd:', 'memory'],
    ['anon_inode:[pidfd]', 'pidfds'],
  ] as const)
    if (link.startsWith(start)) return kind;
  if (link.startsWith(box.stateRoot)) return 'the state directory';
  const id = /^mnt_id:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
  const host = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return host.some((line) => line.startsWith(`${id} `)) ? link : "the container's mounts";
}

/** What this process has from its own caller, and passes on. */
function isInherited(pid: number, fd: string): boolean {
  const own = `/proc/self/fd/${fd}`;
  return existsSync(own) && readlinkSync(own) === readlinkSync(`/proc/${pid}/fd/${fd}`);
}

function descriptors(pid: number, box: Box): string {
  const numbers = readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2 && !isInherited(pid, fd));
  return [...new Set(numbers.map((fd) => kindOf(pid, fd, box)))].sort().join(', ') || 'none';
}

/** proc(5): files of a process that is not dumpable belong to root, whoever it runs as. */
const dumpable = (pid: number): string => (statSync(`/proc/${pid}/fd`).uid === Number(field(pid, 'Uid')) ? 'yes' : 'no');

const look = (pid: number, box: Box): readonly string[] => [
  ids(pid),
  capabilities(pid),
  namespaces(pid),
  root(pid),
  descriptors(pid, box),
  ids(pid) === "the caller's" ? "as the caller's" : dumpable(pid),
];

attack(
  'is what /proc shows while a container is made, waits and runs',
  async (t, box) => {
    const rows = table();
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
      config.process.user = { uid: user, gid: user };
      const own = ['CAP_CHOWN'];
      config.process.capabilities = { bounding: own, effective: own, permitted: own, inheritable: own, ambient: own };
      config.linux.namespaces.push({ type: 'user' });
      config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: first, size: 65_536 }];
      config.linux.maskedPaths = ['/proc/keys'];
      const wait = `cat > ${box.path('hook')}; echo $PPID > ${box.path('ready')}; while test -e ${box.path('ready')}; do sleep .01; done`;
      config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', wait], env: ['PATH=/bin:/usr/bin'] }] };
    });
    const created = container.create();
    const runtimePid = Number(await waitForText(box.path('ready')));
    const { pid } = JSON.parse(readFileSync(box.path('hook'), 'utf8')) as { pid: number };
    t.same(look(runtimePid, box), rows.get('`pocker-runc`, while a createRuntime hook runs'), 'pocker-runc');
    t.same(look(pid, box), rows.get('`pocker-init`, while a createRuntime hook runs'), 'while a hook runs');
    await box.command('rm', [box.path('ready')]);
    succeeded(t, await created);
    t.same(look(pid, box), rows.get('`pocker-init`, created'), 'created');
    succeeded(t, await container.start());
    t.same(look(pid, box), rows.get('the program'), 'the program');
  },
  { oursOnly: true, skip: runtime.isNodeHost && 'Node.js has descriptors of its own' },
);
