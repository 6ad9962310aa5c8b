// Flags that come before the command, and those that several commands share.
import type { Flag } from './command.js';

export const globalFlags: readonly Flag[] = [
  {
    name: 'root',
    type: 'string',
    value: 'DIR',
    description: 'directory of container state (default: /run/pocker-runc, or $XDG_RUNTIME_DIR/pocker-runc for an ordinary user)',
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
    description: 'lowest level to log',
  },
  { name: 'debug', type: 'boolean', description: 'log every system call; same as --log-level debug' },
  {
    name: 'trace',
    type: 'string',
    value: 'FILE',
    description: 'append timings to this file, to open in https://ui.perfetto.dev',
  },
  { name: 'systemd-cgroup', type: 'boolean', description: 'same as --cgroup-manager systemd' },
  {
    name: 'cgroup-manager',
    type: 'string',
    value: 'NAME',
    choices: ['cgroupfs', 'systemd', 'disabled'],
    default: 'cgroupfs',
    description: 'what makes the cgroups',
  },
  {
    name: 'rootless',
    type: 'string',
    value: 'MODE',
    choices: ['true', 'false', 'auto'],
    default: 'auto',
    description: 'run without cgroups where an ordinary user may not make them',
  },
  { name: 'strict', type: 'boolean', description: 'fail instead of warning when part of the config cannot be applied' },
];

export const bundle: Flag = {
  name: 'bundle',
  alias: 'b',
  type: 'string',
  value: 'DIR',
  description: 'the bundle (default: the current directory)',
};

export const createFlags: readonly Flag[] = [
  bundle,
  {
    name: 'config',
    alias: 'f',
    type: 'string',
    value: 'FILE',
    description: 'read this file instead of config.json in the bundle',
  },
  {
    name: 'console-socket',
    type: 'string',
    value: 'SOCKET',
    description: 'Unix socket that receives the terminal master',
  },
  {
    name: 'pidfd-socket',
    type: 'string',
    value: 'SOCKET',
    description: 'Unix socket that receives a pidfd of the process',
  },
  { name: 'pid-file', type: 'string', value: 'FILE', description: 'write the pid of the process to this file' },
  { name: 'no-pivot', type: 'boolean', description: 'do not use pivot_root(2): for a root filesystem on a ramdisk' },
  { name: 'no-new-keyring', type: 'boolean', description: 'keep the session keyring of the caller' },
  {
    name: 'preserve-fds',
    type: 'count',
    value: 'N',
    default: '0',
    description: 'pass on N file descriptors after standard error',
  },
];

export const flagsNamed = (...names: readonly string[]): Flag[] => createFlags.filter(({ name }) => names.includes(name));

export const execFlags: readonly Flag[] = [
  {
    name: 'process',
    alias: 'p',
    type: 'string',
    value: 'FILE',
    description: 'read the process as JSON from this file, instead of a program and flags',
  },
  { name: 'detach', alias: 'd', type: 'boolean', description: 'return as soon as the program runs' },
  { name: 'tty', alias: 't', type: 'boolean', description: 'allocate a terminal' },
  { name: 'user', alias: 'u', type: 'string', value: 'UID[:GID]', description: 'numeric user and group of the program' },
  { name: 'additional-gids', alias: 'g', type: 'list', value: 'GID', description: 'additional group; may be repeated' },
  { name: 'cwd', type: 'string', value: 'DIR', description: 'working directory in the container' },
  { name: 'env', alias: 'e', type: 'list', value: 'NAME=VALUE', description: 'environment variable; may be repeated' },
  {
    name: 'cap',
    alias: 'c',
    type: 'list',
    value: 'NAME',
    description: "capability in addition to the container's; may be repeated",
  },
  { name: 'apparmor', type: 'string', value: 'PROFILE', description: 'AppArmor profile' },
  { name: 'process-label', type: 'string', value: 'LABEL', description: 'SELinux label' },
  { name: 'no-new-privs', type: 'boolean', description: 'set no_new_privs for the program' },
  {
    name: 'cgroup',
    type: 'list',
    value: '[CONTROLLER:]PATH',
    description: "existing cgroup below the container's; may be repeated for controllers of cgroup v1",
  },
  { name: 'ignore-paused', type: 'boolean', description: 'run even if the container is paused' },
  ...flagsNamed('console-socket', 'pidfd-socket', 'pid-file', 'preserve-fds'),
];

export const format = (...choices: readonly [string, ...string[]]): Flag => {
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

export const regex: Flag = {
  name: 'regex',
  alias: 'r',
  type: 'boolean',
  description: 'the id is a regular expression: act on all containers that match',
};

/** For plan, where -f means --format, as it does for list. */
export function withoutAlias({ alias: _alias, ...flag }: Flag): Flag {
  return flag;
}
