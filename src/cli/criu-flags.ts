// The flags of checkpoint and restore: those of runc, and three of crun's.
import type { Flag } from './command.js';

const bool = (name: string, description: string): Flag => ({ name, type: 'boolean', description });
const text = (name: string, value: string, description: string): Flag => ({ name, type: 'string', value, description });

const common: readonly Flag[] = [
  text('image-path', 'DIR', 'directory of the image files (default: checkpoint, in the current directory)'),
  text('work-path', 'DIR', "directory for criu's log and work files (default: that of the images)"),
  text('parent-path', 'DIR', 'earlier checkpoint that this one builds on, relative to --image-path'),
  bool('tcp-established', 'allow open TCP connections, and keep them'),
  bool('tcp-close', 'close TCP connections instead of keeping them'),
  bool('ext-unix-sk', 'allow Unix sockets whose other end is outside the container'),
  bool('shell-job', 'allow a terminal of the caller'),
  bool('file-locks', 'allow file locks'),
  bool('lazy-pages', 'fetch memory only when it is used (userfaultfd)'),
  bool('auto-dedup', 'store memory only once, even if it is also stored elsewhere'),
  {
    ...text('manage-cgroups-mode', 'MODE', "how criu deals with cgroups (default: criu's own, soft)"),
    choices: ['soft', 'full', 'strict', 'ignore'],
  },
  {
    name: 'empty-ns',
    type: 'list',
    value: 'NAME',
    description: 'namespace to create but leave empty; only network, which is always left empty',
  },
  {
    ...text('network-lock', 'METHOD', 'how to block the network meanwhile (default: iptables)'),
    choices: ['iptables', 'nftables', 'skip'],
  },
];

export const checkpointFlags: readonly Flag[] = [
  ...common,
  bool('leave-running', 'leave the container running'),
  bool('pre-dump', 'store only the memory, and leave the container running: the next checkpoint has less to do'),
  bool('tcp-skip-in-flight', 'skip TCP connections that are still being established'),
  bool('link-remap', 'allow unlinked files to be linked again'),
  text('page-server', 'ADDRESS:PORT', "send memory to criu's page server at this address"),
  { name: 'status-fd', type: 'count', value: 'FD', description: 'descriptor that gets a NUL byte once pages are served lazily' },
];

export const restoreFlags: readonly Flag[] = [
  ...common,
  bool('no-subreaper', "do not become the parent of the container's orphans"),
  { ...bool('detach', 'return as soon as the processes run'), alias: 'd' },
  text('lsm-profile', 'TYPE:NAME', 'AppArmor profile or SELinux label to use instead of the old one'),
  text('lsm-mount-context', 'CONTEXT', 'SELinux context of mounts to use instead of the old one'),
];
