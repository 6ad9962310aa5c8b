// A row in the tables of resources.test.ts: a limit, and the kernel's files that show it.
import type { KnownDifferences } from '../../harness/case.js';
import { layout } from '../../harness/machine/cgroup.js';
import type { Linux } from '../../harness/config.js';

type Resources = NonNullable<Linux['resources']>;

/** The file in the container's cgroup, and what it begins with or contains. */
type Effect = readonly [file: string, value: string | RegExp];

export interface Row {
  readonly resources: Resources;
  /** By its name in v1 and in v2. */
  readonly controller: string | readonly [v1: string, v2: string];
  readonly v1?: readonly Effect[];
  readonly v2?: readonly Effect[];
  /** A file in v1's root; without it, the kernel does not have the limit. */
  readonly needs?: string;
  readonly knownDifferences?: KnownDifferences;
  readonly skip?: string | false;
}

export const v2 = layout === 'v2';
export const MiB = 1024 * 1024;
