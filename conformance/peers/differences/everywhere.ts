import { type Chapter, on } from '../difference.js';

export const everywhere: Chapter = {
  title: 'In every container',
  differences: [
    {
      what: 'A foreground `run` passes its own descriptors to the program; runc puts pipes in between and copies their data.',
      why: 'Copying takes time and a process, and a program that checks what its output is gets a wrong answer. crun does the same as we do.',
      where: [on('runc', '*', 'fd 0|fd 1|fd 2|fd 10|fd 11', { theirs: 'pipe' })],
    },
    {
      what: 'There is no `/dev/core` if the machine has no /proc/kcore; crun makes the link anyway.',
      why: 'It would lead nowhere. runc does the same as we do.',
      where: [on('crun', '*', 'file /dev/core', { theirs: '* -> /proc/kcore' })],
    },
    {
      what: 'In a user namespace, the host’s devices are bound with their flags unchanged; crun adds nosuid and noexec.',
      why: 'These flags mean nothing for a device. runc does the same as we do.',
      where: [on('crun', '*', 'mount /dev/*', { theirs: '*nosuid,noexec*' })],
    },
  ],
};
