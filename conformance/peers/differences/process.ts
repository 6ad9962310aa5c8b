import { type Chapter, on } from '../difference.js';

export const processes: Chapter = {
  title: 'The process',
  differences: [
    {
      what: 'Without `process.capabilities` the program gets none; runc 1.5 leaves it all of its own.',
      why: 'Someone who forgets the field should not run with all of root’s power. crun and runc 1.1 do the same as we do.',
      where: [
        on('runc 1.5', 'process/no capabilities*', 'status Cap*'),
        on('runc 1.5', 'exec/* with no capabilities', 'status Cap*'),
      ],
    },
    {
      what: 'A `umask` above 0777 is an error; runc and crun use its last nine bits.',
      why: 'It is an octal number written as a decimal one.',
      where: [on('runc, crun', 'process/umask *', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A missing working directory is made where a link in the image points; runc and crun fail.',
      why: 'The same as for mount points: `/var/run -> /run` without /run.',
      where: [on('runc, crun', 'process/cwd is a link to nowhere*', 'exit run|left in rootfs /nowhere')],
    },
    {
      what: 'The id 4294967295 is an error; with crun the program runs as root.',
      why: 'To setresuid(2) it means "leave it as it is". runc refuses it, too.',
      where: [on('crun', 'process/uid 4294967295*', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'Malformed values are errors that name their place: a relative `cwd`, variables without a name or with NUL, negative limits, unknown I/O priorities; crun accepts them as far as it can. A NUL in an argument is found before anything is made (runc: exit code 255).',
      why: 'They are never intended.',
      where: [
        on('crun', 'process/cwd "tmp"*|process/env *|process/a NUL *|process/RLIMIT_CORE -1|process/ioPriority *', 'exit run', {
          ours: '1',
          theirs: '0',
        }),
        on('runc', 'process/a NUL in an argument', 'exit run', { ours: '1', theirs: '255' }),
      ],
    },
    {
      what: 'crun 1.8 has no `scheduler` and no `ioPriority`, and fails on an empty `apparmorProfile` or `selinuxLabel`.',
      why: 'That release is older than these fields; an empty label means no label.',
      where: [
        on('crun 1.8', 'process/scheduler *', 'exit run|seen|status*'),
        on('crun 1.8', 'process/apparmorProfile ""|process/selinuxLabel ""', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: '`run` gives the program the caller’s standard output; runc copies it through a pipe. So a file size limit applies if that output is a file.',
      why: 'As with crun, nothing stands between the program and its output.',
      where: [on('runc', 'process/RLIMIT_FSIZE', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A line of /etc/passwd that begins with `#` is not a user; runc reads it as one. An empty HOME counts as none, as with runc; crun keeps it.',
      why: 'The C library reads the file this way.',
      where: [
        on('runc', 'process/user 0 of /etc/passwd*', 'env HOME|seen'),
        on('crun', 'process/user 7 with an empty HOME*', 'env HOME|seen'),
      ],
    },
    {
      what: 'Capability names are in capitals, as in capabilities(7); crun accepts any case.',
      why: 'As with runc, an unknown capability is left out, with a warning.',
      where: [on('crun', 'process/a capability in lower case*', 'status Cap*')],
    },
  ],
};
