// Where pocker-runc and a peer differ, and why. docs/differences.md is generated from this. `npm run test:peers` fails on a
// difference that is not in here, and on an entry that no longer occurs.
import type { Chapter, Difference } from './difference.js';
import { cgroups } from './differences/cgroups.js';
import { commands } from './differences/commands.js';
import { elsewhere } from './differences/elsewhere.js';
import { everywhere } from './differences/everywhere.js';
import { execAndUpdate } from './differences/exec.js';
import { fieldValues } from './differences/fields.js';
import { hooks } from './differences/hooks.js';
import { linux } from './differences/linux.js';
import { mounts } from './differences/mounts.js';
import { namespaces } from './differences/namespaces.js';
import { older } from './differences/older.js';
import { processes } from './differences/process.js';

export const chapters: readonly Chapter[] = [
  everywhere,
  processes,
  namespaces,
  mounts,
  linux,
  cgroups,
  hooks,
  commands,
  execAndUpdate,
  fieldValues,
  elsewhere,
  older,
];

export const differences: readonly Difference[] = chapters.flatMap((chapter) => chapter.differences);
