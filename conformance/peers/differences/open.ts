import { type Chapter, on } from '../difference.js';

/** What is ours to mend. Whoever does takes the entry away: `npm run test:peers` says when it has become stale. */
export const open: Chapter = {
  title: 'Faults of ours that are known and not mended yet',
  differences: [
    {
      what: 'RLIMIT_FSIZE holds already for what init writes to tell of the start, so that a small one ends it.',
      why: 'To be mended: the limit is the program’s.',
      where: [on('runc', 'process/RLIMIT_FSIZE', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A time namespace in a user namespace cannot be made.',
      why: 'To be mended: its offsets have to be written from outside.',
      where: [on('runc', 'namespaces/*time* in a user namespace', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A user namespace that is joined, and denies setgroups(2), cannot be entered.',
      why: 'To be mended: without additional groups there is nothing to set.',
      where: [on('runc, crun', 'namespaces/user of another process', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'Of `domainname` and the sysctl kernel.domainname the first counts, with runc the second.',
      why: 'To be mended: a contradiction is said.',
      where: [on('runc', 'namespaces/domainname and its sysctl', 'domainname')],
    },
    {
      what: '`readonlyPaths` with `/` has no effect on the program, whose root is below that mount.',
      why: 'To be mended.',
      where: [on('runc, crun', 'linux/readonlyPaths /|linux/readonlyPaths / in *', 'mount *|seen')],
    },
    {
      what: 'In a user namespace a device that the machine does not have by that path cannot be made; crun makes it outside.',
      why: 'To be mended where the kernel allows it; runc cannot either, and leaves empty files in the image.',
      where: [on('runc, crun', 'linux/device * in a user namespace', 'exit run|file *|mount *|left in rootfs *')],
    },
    {
      what: 'Hooks without `env` have none; with runc and crun they have the runtime’s. createContainer hooks run where the runtime was called, with umask 0; startContainer hooks have no HOME. Their state has empty annotations, and in poststop hooks a pid.',
      why: 'To be mended: what hooks of engines expect.',
      where: [
        on('runc', 'hooks/*', 'hook env CALLER|hook env HOME|hook env PATH'),
        on('runc, crun', 'hooks/createContainer *', 'hook cwd|hook status Umask'),
        on('runc', 'hooks/* a state', 'host state annotations|host state pid'),
      ],
    },
    {
      what: 'A process of `exec --process` without capabilities has none; with runc and crun it has the container’s.',
      why: 'To be mended.',
      where: [on('runc', 'exec/--process: *', 'status Cap*', { ours: '0000000000000000' })],
    },
    {
      what: '`rrw`, `rsuid`, `rdev` and the like of a bind are refused in a user namespace, though the kernel might allow them.',
      why: 'To be mended.',
      where: [on('runc', 'mount-options/r* bind in a user namespace', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: '`remount` of what is no mount point does nothing, and succeeds.',
      why: 'To be mended: it is an error.',
      where: [on('runc, crun', 'mount-options/remount *', '*')],
    },
  ],
};
