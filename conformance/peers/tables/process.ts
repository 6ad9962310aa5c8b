// The fields of process.
import { mkdirSync, writeFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from '../../harness/config.js';
import { casesOf, type Change, inUserNamespace, set, type Table } from '../case.js';
import { probe } from '../probe.js';
import type { Site } from '../site.js';

const write = (site: Site, path: string, text: string): void => writeFileSync(join(site.rootfs, path), text);

/** A user that the image knows. */
const passwd = (site: Site): void => {
  write(
    site,
    'etc/passwd',
    '#root:x:0:0::/wrong:/bin/sh\nroot:x:0:0::/home/root:/bin/sh\nuser:x:7:8::/home/user:/bin/sh\nbroken\n',
  );
  write(site, 'etc/group', 'root:x:0:\nuser:x:8:\nmore:x:9:user\n');
};

const user: Readonly<Record<string, Change>> = {
  'user 7': { 'process.user': { uid: 7, gid: 8 } },
  'user 7 of /etc/passwd': (config, site) => {
    passwd(site);
    config.process.user = { uid: 7, gid: 8 };
  },
  'user 0 of /etc/passwd': (_config, site) => passwd(site),
  'user 7 with an empty HOME': (config, site) => {
    passwd(site);
    config.process.user = { uid: 7, gid: 8 };
    config.process.env = ['PATH=/bin', 'HOME='];
  },
  'user 7 with a HOME': (config, site) => {
    passwd(site);
    config.process.user = { uid: 7, gid: 8 };
    config.process.env = ['PATH=/bin', 'HOME=/x'];
  },
  'a link as /etc/passwd': (config, site) => {
    write(site, 'etc/real', 'user:x:7:8::/home/real:/bin/sh\n');
    symlinkSync('/etc/real', join(site.rootfs, 'etc/passwd'));
    config.process.user = { uid: 7, gid: 8 };
  },
  'a link to nowhere as /etc/passwd': (_config, site) => symlinkSync('/nowhere', join(site.rootfs, 'etc/passwd')),
  'username alone': { 'process.user': { username: 'user' } },
  'a user outside of a mapping': { 'process.user': { uid: 70_000, gid: 0 } },
  'a group outside of a mapping': { 'process.user': { uid: 0, gid: 70_000 } },
  'uid 4294967295': { 'process.user': { uid: 4_294_967_295, gid: 0 } },
  'uid 4294967294': { 'process.user': { uid: 4_294_967_294, gid: 0 } },
  'uid -1': { 'process.user': { uid: -1, gid: 0 } },
  'additional groups': { 'process.user': { uid: 0, gid: 0, additionalGids: [5, 9, 5] } },
  'no additional groups': { 'process.user': { uid: 0, gid: 0, additionalGids: [] } },
  'an additional group outside of a mapping': { 'process.user': { uid: 0, gid: 0, additionalGids: [70_000] } },
  ...Object.fromEntries(
    [0, 0o27, 0o777, 0o1777, 4_294_967_295].map((umask) => [`umask ${umask}`, { 'process.user': { uid: 0, gid: 0, umask } }]),
  ),
};

const cwd: Readonly<Record<string, Change>> = {
  ...Object.fromEntries(
    ['/tmp', '/new/directory', '/tmp/', '//tmp', '/tmp/..', '/../tmp', '/proc/self', '/bin/sh', 'tmp', ''].map((path) => [
      `cwd "${path}"`,
      { 'process.cwd': path },
    ]),
  ),
  'cwd is a link': (config, site) => {
    symlinkSync('/tmp', join(site.rootfs, 'link'));
    config.process.cwd = '/link';
  },
  'cwd is a link to nowhere': (config, site) => {
    symlinkSync('/nowhere', join(site.rootfs, 'link'));
    config.process.cwd = '/link';
  },
  'cwd that the user may not enter': (config, site) => {
    mkdirSync(join(site.rootfs, 'closed'), { mode: 0o700 });
    config.process.cwd = '/closed';
    config.process.user = { uid: 7, gid: 8 };
    config.process.capabilities = {};
  },
  'cwd that the user may not enter, new': {
    'process.cwd': '/new',
    'process.user': { uid: 7, gid: 8 },
    'process.capabilities': {},
  },
};

const envs: readonly string[][] = [
  [],
  ['A=1', 'PATH=/bin', 'A=2'],
  ['PATH=/bin', 'A='],
  ['PATH=/bin', 'A'],
  ['PATH=/bin', '=A'],
  ['PATH=/bin', ''],
  ['PATH=/bin', 'A=ü ""'],
  ['PATH=/bin', 'A B=c'],
  ['PATH=/bin', 'A=\0'],
  ['PATH=/bin', 'LISTEN_FDS=1', 'LISTEN_PID=1'],
  ['PATH=/bin', 'container=x'],
  ['PATH=', 'A=b'],
  ['PATH=/nowhere:/bin'],
];
const env: Readonly<Record<string, Change>> = Object.fromEntries(
  envs.map((list) => [`env ${JSON.stringify(list)}`, { 'process.env': list }]),
);

const argsOf: Readonly<Record<string, (site: Site) => string[]>> = {
  'args []': () => [],
  'args [""]': () => [''],
  'a missing program': () => ['nosuch'],
  'a missing path': () => ['/nosuch'],
  'a relative path': () => ['bin/true'],
  'a path with ./': () => ['./bin/true'],
  'a directory': () => ['/tmp'],
  'a program in a directory that is none': () => ['/bin/sh/x'],
  'a file that is not executable': (site) => {
    write(site, 'tmp/f', '#!/bin/sh\n');
    return ['/tmp/f'];
  },
  'a file that is not executable in PATH': (site) => {
    write(site, 'bin/f', '#!/bin/sh\n');
    return ['f'];
  },
  'a NUL in an argument': () => ['echo', 'a\0b'],
  'an empty argument': () => ['sh', '-c', 'echo $#', 'x', '', 'y'],
  'exit 3': () => ['sh', '-c', 'exit 3'],
  'ends by a signal': () => ['sh', '-c', 'kill -9 $$'],
};
const args: Readonly<Record<string, Change>> = Object.fromEntries(
  Object.entries(argsOf).map(([name, make]) => [name, (config, site): void => set(config, 'process.args', make(site))] as const),
);

const caps = ['CAP_KILL', 'CAP_NET_BIND_SERVICE'];
const sets = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const;
const only = (...names: (typeof sets)[number][]): Change => ({
  'process.capabilities': Object.fromEntries(names.map((name) => [name, caps])),
});
const capabilities: Readonly<Record<string, Change>> = {
  'no capabilities': (config) => delete config.process.capabilities,
  'empty capabilities': { 'process.capabilities': {} },
  'empty sets': { 'process.capabilities': Object.fromEntries(sets.map((name) => [name, []])) },
  ...Object.fromEntries(sets.map((name) => [`${name} alone`, only(name)])),
  'bounding and permitted': only('bounding', 'permitted'),
  'effective beyond permitted': { 'process.capabilities': { bounding: caps, permitted: ['CAP_KILL'], effective: caps } },
  'permitted beyond bounding': { 'process.capabilities': { bounding: ['CAP_KILL'], permitted: caps, effective: caps } },
  'ambient beyond inheritable': { 'process.capabilities': { bounding: caps, permitted: caps, effective: caps, ambient: caps } },
  'all sets': only(...sets),
  'all sets of user 7': { ...(only(...sets) as object), 'process.user': { uid: 7, gid: 8 } },
  'sets of user 7 without ambient': {
    ...(only('bounding', 'permitted', 'effective', 'inheritable') as object),
    'process.user': { uid: 7, gid: 8 },
  },
  'an unknown capability': { 'process.capabilities.bounding': ['CAP_KILL', 'CAP_UNKNOWN'] },
  'a capability in lower case': { 'process.capabilities.bounding': ['cap_kill'] },
  'a capability without CAP_': { 'process.capabilities.bounding': ['KILL'] },
  'a capability that the runtime lacks': { 'process.capabilities.bounding': ['CAP_SYS_RESOURCE'] },
};

const rlimit = (type: string, soft: number | bigint, hard: number | bigint) => ({ type, soft, hard });
const unlimited = 18_446_744_073_709_551_615n;
const limits: Readonly<Record<string, Change>> = {
  ...Object.fromEntries(
    'AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK'
      .split(' ')
      .map((name) => [
        `RLIMIT_${name}`,
        {
          'process.rlimits': [
            rlimit(
              `RLIMIT_${name}`,
              name === 'AS' || name === 'DATA' || name === 'STACK' ? 100_000_000 : 30,
              name === 'AS' || name === 'DATA' || name === 'STACK' ? 200_000_000 : 40,
            ),
          ],
        },
      ]),
  ),
  'RLIMIT_CORE unlimited': { 'process.rlimits': [rlimit('RLIMIT_CORE', unlimited, unlimited)] },
  'RLIMIT_CORE -1': { 'process.rlimits': [rlimit('RLIMIT_CORE', -1, -1)] },
  'a soft limit above the hard one': { 'process.rlimits': [rlimit('RLIMIT_CORE', 2, 1)] },
  'a limit twice': { 'process.rlimits': [rlimit('RLIMIT_CORE', 1, 2), rlimit('RLIMIT_CORE', 2, 3)] },
  'an unknown limit': { 'process.rlimits': [rlimit('RLIMIT_NOSUCH', 1, 2)] },
  'a limit in lower case': { 'process.rlimits': [rlimit('rlimit_core', 1, 2)] },
  'a limit without RLIMIT_': { 'process.rlimits': [rlimit('CORE', 1, 2)] },
};

const others: Readonly<Record<string, Change>> = {
  noNewPrivileges: { 'process.noNewPrivileges': true },
  ...Object.fromEntries(
    [-1000, 0, 500, 1000, 1001, -1001].map((value) => [`oomScoreAdj ${value}`, { 'process.oomScoreAdj': value }]),
  ),
  'a terminal without console-socket': { 'process.terminal': true },
  'consoleSize without a terminal': { 'process.consoleSize': { height: 10, width: 20 } },
  ...Object.fromEntries(
    ['IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE', 'IOPRIO_CLASS_NO'].flatMap((name) =>
      [0, 7, 8].map((priority) => [`ioPriority ${name} ${priority}`, { 'process.ioPriority': { class: name, priority } }]),
    ),
  ),
  ...Object.fromEntries(
    ['SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', 'SCHED_ISO', 'SCHED_IDLE', 'SCHED_DEADLINE', 'SCHED_NO'].map(
      (policy) => [`scheduler ${policy}`, { 'process.scheduler': { policy } }],
    ),
  ),
  'scheduler nice 5': { 'process.scheduler': { policy: 'SCHED_OTHER', nice: 5 } },
  'scheduler nice 50': { 'process.scheduler': { policy: 'SCHED_OTHER', nice: 50 } },
  'scheduler FIFO 10': { 'process.scheduler': { policy: 'SCHED_FIFO', priority: 10 } },
  'scheduler OTHER 10': { 'process.scheduler': { policy: 'SCHED_OTHER', priority: 10 } },
  'scheduler reset-on-fork': { 'process.scheduler': { policy: 'SCHED_BATCH', flags: ['SCHED_FLAG_RESET_ON_FORK'] } },
  'scheduler deadline': {
    'process.scheduler': { policy: 'SCHED_DEADLINE', runtime: 1_000_000, deadline: 10_000_000, period: 10_000_000 },
  },
  'apparmorProfile ""': { 'process.apparmorProfile': '' },
  'apparmorProfile unconfined': { 'process.apparmorProfile': 'unconfined' },
  'selinuxLabel ""': { 'process.selinuxLabel': '' },
  'selinuxLabel x': { 'process.selinuxLabel': 'x' },
  'execCPUAffinity 0': { 'process.execCPUAffinity': { initial: '0', final: '1' } },
  'no process': (config) => delete (config as { process?: unknown }).process,
};

const seen = (site: Site): void => {
  site.config.process.args = shell(probe('/bin/busybox cut -d " " -f 18,19,40,41 /proc/self/stat; echo "$HOME"'));
};

const all = casesOf('process', { ...user, ...cwd, ...env, ...args, ...capabilities, ...limits, ...others }).map((one) => ({
  ...one,
  prepare: (config: Site['config'], site: Site) => {
    seen(site);
    one.prepare?.(config, site);
  },
}));

/** What a user namespace may change. */
const inside = all.filter(({ name }) =>
  /user|group|uid|cwd|apab|set|bounding|ambient|RLIMIT_N|oom|IOPRIO|SCHED|twice/.test(name),
);

export const processTable: Table = [...all, ...inUserNamespace(inside)];
