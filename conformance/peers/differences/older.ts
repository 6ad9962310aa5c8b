import { type Chapter, on } from '../difference.js';

/** Last of all: what no other entry explains. */
export const older: Chapter = {
  title: 'Older releases',
  differences: [
    {
      what: 'What runc 1.1 does differently is shown, but not judged one by one.',
      why: 'It is compared only where Go is missing, by which the newest runc is built; the conformance cases say what it lacks.',
      where: [on('runc 1.1', '*', '*')],
    },
  ],
};
