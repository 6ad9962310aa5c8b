import { type Chapter, on } from '../difference.js';

/** What is ours to mend. Whoever does takes the entry away: `npm run test:peers` says when it has become stale. */
export const open: Chapter = {
  title: 'Faults of ours that are known and not mended yet',
  differences: [
    {
      what: 'A user namespace that is joined, and denies setgroups(2), cannot be entered.',
      why: 'To be mended: without additional groups there is nothing to set.',
      where: [on('runc, crun', 'namespaces/user of another process', 'exit run', { ours: '1', theirs: '0' })],
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
      what: '`remount` of what is no mount point does nothing, and succeeds.',
      why: 'To be mended: it is an error.',
      where: [on('runc, crun', 'mount-options/remount *', '*')],
    },
  ],
};
