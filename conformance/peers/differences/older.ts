import { type Chapter, on } from '../difference.js';

/** Last of all: what no other entry explains. */
export const older: Chapter = {
  title: 'Older releases',
  differences: [
    {
      what: 'Differences of runc 1.1 are shown, but not explained one by one.',
      why: 'It is compared only where Go, which builds runc 1.5, is missing; the conformance cases say what it lacks.',
      where: [on('runc 1.1', '*', '*')],
    },
  ],
};
