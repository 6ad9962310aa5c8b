import { type Chapter, on } from '../difference.js';

export const everywhere: Chapter = {
  title: 'In every container',
  differences: [
    {
      what: '`run` in the foreground gives the program the descriptors that it was given itself; runc puts pipes between, which it copies.',
      why: 'A copy takes time and a process, and a program that asks what its output is gets a wrong answer. crun does as we do.',
      where: [on('runc', '*', 'fd 0|fd 1|fd 2|fd 10|fd 11', { theirs: 'pipe' })],
    },
    {
      what: 'There is no `/dev/core` where the machine has no /proc/kcore; crun makes the link nevertheless.',
      why: 'It would lead nowhere. runc does as we do.',
      where: [on('crun', '*', 'file /dev/core', { theirs: '* -> /proc/kcore' })],
    },
    {
      what: 'In a user namespace the devices of the machine are bound as they are; crun adds nosuid and noexec.',
      why: 'These say nothing of a device. runc does as we do.',
      where: [on('crun', '*', 'mount /dev/*', { theirs: '*nosuid,noexec*' })],
    },
  ],
};
