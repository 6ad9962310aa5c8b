// exec: its flags, and what a process of --process sees.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from '../../harness/config.js';
import type { PeerCase, Table } from '../case.js';
import { probe, readProbe } from '../probe.js';
import type { Site } from '../site.js';

const seen = shell(probe('echo "$HOME"'));

async function running(site: Site): Promise<void> {
  site.config.process.args = ['sleep', '60'];
  site.config.process.env = ['PATH=/bin', 'CONFIG=yes'];
  writeFileSync(join(site.rootfs, 'etc/passwd'), 'root:x:0:0::/home/root:/bin/sh\nuser:x:7:8::/home/user:/bin/sh\n');
  writeFileSync(join(site.rootfs, 'etc/group'), 'root:x:0:\nuser:x:8:\nmore:x:9:user\n');
  site.writeConfig();
  await site.create();
  await site.verb('start');
}

const flags: Readonly<Record<string, readonly string[]>> = {
  'no flags': [],
  '--cwd': ['--cwd', '/tmp'],
  '--cwd missing': ['--cwd', '/nosuch'],
  '--cwd relative': ['--cwd', 'tmp'],
  '--env': ['--env', 'A=b', '--env', 'CONFIG=no'],
  '-e without =': ['-e', 'A'],
  '--env PATH': ['--env', 'PATH=/nowhere'],
  '--env HOME': ['--env', 'HOME=/x'],
  '--user 7': ['--user', '7'],
  '--user 7:8': ['--user', '7:8'],
  '--user name': ['--user', 'user'],
  '--user 7:name': ['--user', '7:more'],
  '--user 4294967295': ['--user', '4294967295'],
  '--user -1': ['--user=-1'],
  '--user ""': ['--user', ''],
  '--user 7:': ['--user', '7:'],
  '--user :8': ['--user', ':8'],
  '--additional-gids': ['--additional-gids', '5', '--additional-gids', '9'],
  '--additional-gids x': ['--additional-gids', 'x'],
  '--cap': ['--cap', 'CAP_NET_RAW'],
  '--cap twice': ['--cap', 'CAP_NET_RAW', '--cap', 'CAP_SYS_CHROOT'],
  '--cap unknown': ['--cap', 'CAP_NO'],
  '--cap lower case': ['--cap', 'cap_net_raw'],
  '--no-new-privs': ['--no-new-privs'],
  '--apparmor': ['--apparmor', 'x'],
  '--process-label': ['--process-label', 'x'],
  '--preserve-fds 0': ['--preserve-fds', '0'],
  '--preserve-fds 1': ['--preserve-fds', '1'],
  '--preserve-fds -1': ['--preserve-fds', '-1'],
  '--tty --detach': ['--tty', '--detach'],
  '--pid-file': ['--pid-file', '{dir}/exec.pid'],
  '--pid-file in a missing directory': ['--pid-file', '{dir}/no/exec.pid'],
  '--cgroup missing': ['--cgroup', 'nosuch'],
  '--cgroup /': ['--cgroup', '/'],
  '--cgroup ..': ['--cgroup', '..'],
  '--console-socket missing': ['--console-socket', '{dir}/no.sock'],
  '--nosuch': ['--nosuch'],
};

const place = (site: Site, words: readonly string[]): string[] => words.map((word) => word.replace('{dir}', site.directory));

async function exec(site: Site, options: readonly string[], program: readonly string[]): Promise<void> {
  const { stdout } = await site.verb('exec', place(site, options), program);
  readProbe(stdout, site.facts);
}

const withFlags = Object.entries(flags).map(([name, words]): PeerCase => ({
  name: `exec/${name}`,
  act: async (site) => {
    await running(site);
    await exec(site, words, seen);
  },
}));

const programs: Readonly<Record<string, readonly string[]>> = {
  'no program': [],
  'a missing program': ['nosuch'],
  'a missing path': ['/nosuch'],
  'a directory': ['/tmp'],
  'a program in a directory that is none': ['/bin/sh/x'],
  'a file that is not executable': ['/etc/passwd'],
  'exit 3': ['sh', '-c', 'exit 3'],
  'ends by SIGKILL': ['sh', '-c', 'kill -9 $$'],
  'ends by SIGTERM': ['sh', '-c', 'kill -15 $$'],
  'an empty name': [''],
  'a relative path': ['bin/true'],
  'after --': ['--', 'true'],
};

const withPrograms = Object.entries(programs).map(([name, words]): PeerCase => ({
  name: `exec/${name}`,
  act: async (site) => {
    await running(site);
    await exec(site, [], words);
  },
}));

const process = { args: seen, cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } };
const files: Readonly<Record<string, unknown>> = {
  'all that is required': process,
  'a user': { ...process, user: { uid: 7, gid: 8, additionalGids: [5], umask: 0o27 } },
  'no user': { ...process, user: undefined },
  'no cwd': { ...process, cwd: undefined },
  'an empty cwd': { ...process, cwd: '' },
  'no env': { ...process, env: undefined },
  'no args': { ...process, args: undefined },
  capabilities: {
    ...process,
    capabilities: { bounding: ['CAP_KILL', 'CAP_NET_RAW'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] },
  },
  'empty capabilities': { ...process, capabilities: {} },
  noNewPrivileges: { ...process, noNewPrivileges: true },
  rlimits: { ...process, rlimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: 2 }] },
  oomScoreAdj: { ...process, oomScoreAdj: 500 },
  'a terminal, detached': { ...process, terminal: true },
  scheduler: { ...process, scheduler: { policy: 'SCHED_BATCH' } },
  ioPriority: { ...process, ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 5 } },
  execCPUAffinity: { ...process, execCPUAffinity: { initial: '0', final: '1' } },
  'an unknown field': { ...process, nosuch: 1 },
  '{}': {},
  null: null,
  '[]': [],
};

const withFiles = Object.entries(files).map(([name, value]): PeerCase => ({
  name: `exec/--process: ${name}`,
  act: async (site) => {
    await running(site);
    writeFileSync(site.path('process.json'), JSON.stringify(value));
    await exec(site, ['--process', site.path('process.json')], []);
  },
}));

/** Whether the container's settings also apply to exec. */
const configs: Readonly<Record<string, (site: Site) => void>> = {
  'a user': (site) => (site.config.process.user = { uid: 7, gid: 8, additionalGids: [5], umask: 0o27 }),
  'a cwd': (site) => (site.config.process.cwd = '/tmp'),
  rlimits: (site) => (site.config.process.rlimits = [{ type: 'RLIMIT_CORE', soft: 1, hard: 2 }]),
  noNewPrivileges: (site) => (site.config.process.noNewPrivileges = true),
  oomScoreAdj: (site) => (site.config.process.oomScoreAdj = 500),
  seccomp: (site) =>
    (site.config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }] }),
  scheduler: (site) => (site.config.process.scheduler = { policy: 'SCHED_BATCH' }),
  ioPriority: (site) => (site.config.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 5 }),
  personality: (site) => (site.config.linux.personality = { domain: 'LINUX32' }),
  'no capabilities': (site) => delete site.config.process.capabilities,
  'ambient capabilities': (site) => {
    const caps = ['CAP_KILL', 'CAP_NET_BIND_SERVICE'];
    site.config.process.capabilities = { bounding: caps, permitted: caps, effective: caps, inheritable: caps, ambient: caps };
  },
};

const afterConfigs = Object.entries(configs).flatMap(([name, change]) =>
  [[], ['--user', '7'], ['--cap', 'CAP_KILL']].map((words): PeerCase => ({
    name: `exec/${words.join(' ')} after a config with ${name}`.replace('/ ', '/'),
    prepare: (_config, site) => change(site),
    act: async (site) => {
      await running(site);
      await exec(site, words, shell(probe('/bin/busybox cut -d " " -f 18,19,40,41 /proc/self/stat; mkdir /tmp/x')));
    },
  })),
);

export const execTable: Table = [...withFlags, ...withPrograms, ...withFiles, ...afterConfigs];
