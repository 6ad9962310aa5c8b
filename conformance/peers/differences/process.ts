import { type Chapter, on } from '../difference.js';

export const processes: Chapter = {
  title: 'The process',
  differences: [
    {
      what: 'A config without `process.capabilities` gives none; runc 1.5 leaves all that it has itself.',
      why: 'Who forgets them should not run with all of root’s power. crun and runc 1.1 do as we do.',
      where: [
        on('runc 1.5', 'process/no capabilities*', 'status Cap*'),
        on('runc 1.5', 'exec/* with no capabilities', 'status Cap*'),
      ],
    },
    {
      what: 'A `umask` above 0777 is an error; runc and crun take its last nine bits.',
      why: 'It is a decimal number that was meant as an octal one.',
      where: [on('runc, crun', 'process/umask *', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A missing working directory is made where a link of the image leads; runc and crun fail.',
      why: 'As with mount points: `/var/run -> /run` without /run.',
      where: [on('runc, crun', 'process/cwd is a link to nowhere*', 'exit run|left in rootfs /nowhere')],
    },
    {
      what: 'An id of 4294967295 is an error; with crun the program runs as root.',
      why: 'setresuid(2) takes it for "leave it as it is". runc refuses it, too.',
      where: [on('crun', 'process/uid 4294967295*', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'What is malformed is an error with its place: a relative `cwd`, variables without a name or with NUL, negative limits, unknown I/O priorities; crun takes them as far as they go. A NUL in an argument is found before anything is made (runc: exit code 255).',
      why: 'It is never what was meant.',
      where: [
        on('crun', 'process/cwd "tmp"*|process/env *|process/a NUL *|process/RLIMIT_CORE -1|process/ioPriority *', 'exit run', {
          ours: '1',
          theirs: '0',
        }),
        on('runc', 'process/a NUL in an argument', 'exit run', { ours: '1', theirs: '255' }),
      ],
    },
    {
      what: 'crun 1.8 has no `scheduler` and no `ioPriority`, and fails for an empty `apparmorProfile` or `selinuxLabel`.',
      why: 'That release is older than these fields; an empty label is none.',
      where: [
        on('crun 1.8', 'process/scheduler *', 'exit run|seen|status*'),
        on('crun 1.8', 'process/apparmorProfile ""|process/selinuxLabel ""', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: '`run` gives the program the standard output of its caller; runc copies it through a pipe. A limit of file sizes holds for what it writes to a file there.',
      why: 'As with crun: nothing stands between the program and where its output goes.',
      where: [on('runc', 'process/RLIMIT_FSIZE', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A line of /etc/passwd that begins with `#` is no user; runc takes it for one. An empty HOME is none, as with runc; crun keeps it.',
      why: 'As the C library reads that file.',
      where: [
        on('runc', 'process/user 0 of /etc/passwd*', 'env HOME|seen'),
        on('crun', 'process/user 7 with an empty HOME*', 'env HOME|seen'),
      ],
    },
    {
      what: 'Names of capabilities are in capitals, as capabilities(7) has them; crun takes any.',
      why: 'As runc: a capability that nobody knows is left out, with a warning.',
      where: [on('crun', 'process/a capability in lower case*', 'status Cap*')],
    },
  ],
};
