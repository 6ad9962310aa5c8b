// The command line as one table: parse.ts reads it, help.ts shows it, main.ts runs it.
import type { Invocation } from './invocation.js';

export interface Flag {
  /** Long name: "--name" and "-name" are the same, as in Go. */
  readonly name: string;
  readonly alias?: string;
  /** list: may be given several times. */
  readonly type: 'boolean' | 'string' | 'count' | 'list';
  /** What a value is called in help. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly description: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Of its arguments: "<container-id> [signal]". */
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  readonly flags: readonly Flag[];
  /** What follows the first argument belongs to a program. */
  readonly ownWords?: boolean;
  /** Exit code of its failures, 1 if not given. */
  readonly failure?: number;
  /** Its code is loaded only when it runs. */
  readonly load: () => Promise<{ readonly run: (invocation: Invocation) => number }>;
}

export const globalFlags: readonly Flag[] = [
  {
    name: 'root',
    type: 'string',
    value: 'DIR',
    description:
      'where the state of containers is kept (default: /run/pocker-runc, or $XDG_RUNTIME_DIR/pocker-runc for an ordinary user)',
  },
  { name: 'log', type: 'string', value: 'FILE', description: 'append log records to this file (default: standard error)' },
  {
    name: 'log-format',
    type: 'string',
    value: 'FORMAT',
    choices: ['text', 'json'],
    default: 'text',
    description: 'format of the log file',
  },
  {
    name: 'log-level',
    type: 'string',
    value: 'LEVEL',
    choices: ['debug', 'info', 'warning', 'error'],
    default: 'info',
    description: 'least level that is logged',
  },
  { name: 'debug', type: 'boolean', description: 'log every call to the system, the same as --log-level debug' },
  { name: 'systemd-cgroup', type: 'boolean', description: 'the same as --cgroup-manager systemd' },
  {
    name: 'cgroup-manager',
    type: 'string',
    value: 'NAME',
    choices: ['cgroupfs', 'systemd', 'disabled'],
    default: 'cgroupfs',
    description: 'who makes the cgroups',
  },
  {
    name: 'rootless',
    type: 'string',
    value: 'MODE',
    choices: ['true', 'false', 'auto'],
    default: 'auto',
    description: 'go on where an ordinary user may not use cgroups',
  },
];

const bundle: Flag = {
  name: 'bundle',
  alias: 'b',
  type: 'string',
  value: 'DIR',
  description: 'the bundle (default: the current directory)',
};

const createFlags: readonly Flag[] = [
  bundle,
  {
    name: 'config',
    alias: 'f',
    type: 'string',
    value: 'FILE',
    description: 'a file to read instead of config.json in the bundle',
  },
  {
    name: 'console-socket',
    type: 'string',
    value: 'SOCKET',
    description: 'Unix socket that the master of the terminal is sent to',
  },
  {
    name: 'pidfd-socket',
    type: 'string',
    value: 'SOCKET',
    description: 'Unix socket that a pidfd of the container process is sent to',
  },
  { name: 'pid-file', type: 'string', value: 'FILE', description: 'write the pid of the container process to this file' },
  { name: 'no-pivot', type: 'boolean', description: 'no pivot_root(2): for a root filesystem on a ramdisk' },
  { name: 'no-new-keyring', type: 'boolean', description: 'keep the session keyring of the caller' },
  {
    name: 'preserve-fds',
    type: 'count',
    value: 'N',
    default: '0',
    description: 'hand on N more file descriptors after standard error',
  },
];

const flagsNamed = (...names: readonly string[]): Flag[] => createFlags.filter(({ name }) => names.includes(name));

const execFlags: readonly Flag[] = [
  {
    name: 'process',
    alias: 'p',
    type: 'string',
    value: 'FILE',
    description: 'the process as JSON, instead of a program and flags',
  },
  { name: 'detach', alias: 'd', type: 'boolean', description: 'return as soon as the program runs' },
  { name: 'tty', alias: 't', type: 'boolean', description: 'with a terminal' },
  { name: 'user', alias: 'u', type: 'string', value: 'UID[:GID]', description: 'ids of the program' },
  { name: 'additional-gids', alias: 'g', type: 'list', value: 'GID', description: 'an additional group; may be repeated' },
  { name: 'cwd', type: 'string', value: 'DIR', description: 'working directory in the container' },
  { name: 'env', alias: 'e', type: 'list', value: 'NAME=VALUE', description: 'a variable of the environment; may be repeated' },
  {
    name: 'cap',
    alias: 'c',
    type: 'list',
    value: 'NAME',
    description: 'a capability more than the container has; may be repeated',
  },
  { name: 'apparmor', type: 'string', value: 'PROFILE', description: 'AppArmor profile' },
  { name: 'process-label', type: 'string', value: 'LABEL', description: 'SELinux label' },
  { name: 'no-new-privs', type: 'boolean', description: 'no new privileges for the program' },
  { name: 'cgroup', type: 'string', value: 'PATH', description: "a cgroup below the container's" },
  { name: 'ignore-paused', type: 'boolean', description: 'even if the container is paused' },
  ...flagsNamed('console-socket', 'pidfd-socket', 'pid-file', 'preserve-fds'),
];

const format = (...choices: readonly [string, ...string[]]): Flag => {
  return {
    name: 'format',
    alias: 'f',
    type: 'string',
    value: 'FORMAT',
    choices,
    default: choices[0],
    description: 'format of the output',
  };
};

const id = '<container-id>';

export const commands: readonly Command[] = [
  {
    name: 'create',
    summary: 'create a container',
    usage: id,
    min: 1,
    max: 1,
    flags: createFlags,
    load: () => import('./commands/create.js'),
  },
  {
    name: 'run',
    summary: 'create and start a container, and wait for it',
    usage: id,
    min: 1,
    max: 1,
    flags: [
      ...createFlags,
      { name: 'detach', alias: 'd', type: 'boolean', description: 'return as soon as the program runs' },
      { name: 'keep', type: 'boolean', description: 'leave the stopped container for delete' },
      { name: 'no-subreaper', type: 'boolean', description: 'do not become the parent of orphans of the container' },
    ],
    load: () => import('./commands/run.js'),
  },
  {
    name: 'start',
    summary: 'start the program of a created container',
    usage: id,
    min: 1,
    max: 1,
    flags: [],
    load: () => import('./commands/start.js'),
  },
  {
    name: 'state',
    summary: 'show the state of a container as JSON',
    usage: id,
    min: 1,
    max: 1,
    flags: [],
    load: () => import('./commands/state.js'),
  },
  {
    name: 'exec',
    summary: 'run another program in a running container',
    usage: `${id} <program> [arguments]`,
    min: 1,
    max: Infinity,
    ownWords: true,
    failure: 255,
    flags: execFlags,
    load: () => import('./commands/exec.js'),
  },
  {
    name: 'kill',
    summary: 'send a signal (default: SIGTERM) to the container process',
    usage: `${id} [signal]`,
    min: 1,
    max: 2,
    flags: [{ name: 'all', alias: 'a', type: 'boolean', description: 'to all processes of the container' }],
    load: () => import('./commands/kill.js'),
  },
  {
    name: 'delete',
    summary: 'delete a stopped container',
    usage: id,
    min: 1,
    max: 1,
    flags: [
      {
        name: 'force',
        alias: 'f',
        type: 'boolean',
        description: 'kill it first if it has not stopped; none of that id is no error',
      },
    ],
    load: () => import('./commands/delete.js'),
  },
  {
    name: 'list',
    summary: 'list containers',
    usage: '',
    min: 0,
    max: 0,
    flags: [format('table', 'json'), { name: 'quiet', alias: 'q', type: 'boolean', description: 'ids alone' }],
    load: () => import('./commands/list.js'),
  },
  {
    name: 'spec',
    summary: 'write a config.json to start from',
    usage: '',
    min: 0,
    max: 0,
    flags: [bundle, { name: 'rootless', type: 'boolean', description: 'one for an ordinary user' }],
    load: () => import('./commands/spec.js'),
  },
  {
    name: 'features',
    summary: 'show what this runtime supports as JSON',
    usage: '',
    min: 0,
    max: 0,
    flags: [],
    load: () => import('./commands/features.js'),
  },
  {
    name: 'plan',
    summary: 'show what create would do, and do nothing',
    usage: '[bundle]',
    min: 0,
    max: 1,
    flags: [
      format('text', 'json'),
      bundle,
      ...flagsNamed('config', 'no-pivot', 'no-new-keyring', 'preserve-fds').map((flag) =>
        flag.alias === 'f' ? withoutAlias(flag) : flag,
      ),
      {
        name: 'id',
        type: 'string',
        value: 'ID',
        description: 'the id that the container would have (default: the name of the bundle)',
      },
    ],
    load: () => import('./commands/plan.js'),
  },
];

/** `plan -f` is its format, as it is of list. */
function withoutAlias({ alias: _alias, ...flag }: Flag): Flag {
  return flag;
}
