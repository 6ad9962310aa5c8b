// The flags of checkpoint and restore: those of runc, and three of crun's.
import type { Flag } from './command.js';

const bool = (name: string, description: string): Flag => ({ name, type: 'boolean', description });
const text = (name: string, value: string, description: string): Flag => ({ name, type: 'string', value, description });

const common: readonly Flag[] = [
  text('image-path', 'DIR', 'where the images of the processes are (default: checkpoint, in the current directory)'),
  text('work-path', 'DIR', "where criu's log and work files go (default: where the images are)"),
  text('parent-path', 'DIR', 'an earlier checkpoint that this one builds on, relative to --image-path'),
  bool('tcp-established', 'with open TCP connections'),
  bool('tcp-close', 'TCP connections are closed, not kept'),
  bool('ext-unix-sk', 'with Unix sockets whose other end is outside'),
  bool('shell-job', 'with a terminal of the caller'),
  bool('file-locks', 'with file locks'),
  bool('lazy-pages', 'memory is fetched only when it is used (userfaultfd)'),
  bool('auto-dedup', 'memory that is stored elsewhere, too, is stored once'),
  {
    ...text('manage-cgroups-mode', 'MODE', "how criu deals with cgroups (default: criu's own, soft)"),
    choices: ['soft', 'full', 'strict', 'ignore'],
  },
  { name: 'empty-ns', type: 'list', value: 'NAME', description: 'a namespace that is made, but not filled: network, always so' },
  {
    ...text('network-lock', 'METHOD', 'what keeps the network still meanwhile (default: iptables)'),
    choices: ['iptables', 'nftables', 'skip'],
  },
];

export const checkpointFlags: readonly Flag[] = [
  ...common,
  bool('leave-running', 'the container goes on'),
  bool('pre-dump', 'memory alone, of a container that goes on: the next checkpoint has less to do'),
  bool('tcp-skip-in-flight', 'without TCP connections that are just being made'),
  bool('link-remap', 'files that were unlinked may be linked again'),
  text('page-server', 'ADDRESS:PORT', "memory goes to criu's page server there"),
  { name: 'status-fd', type: 'count', value: 'FD', description: 'gets a NUL byte when pages are served lazily' },
];

export const restoreFlags: readonly Flag[] = [
  ...common,
  bool('no-subreaper', 'do not become the parent of orphans of the container'),
  { ...bool('detach', 'return as soon as the processes run'), alias: 'd' },
  text('lsm-profile', 'TYPE:NAME', 'AppArmor profile or SELinux label in place of the old one'),
  text('lsm-mount-context', 'CONTEXT', 'SELinux context of mounts in place of the old one'),
];
