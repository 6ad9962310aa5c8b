// Collects the files of a container's cgroups: one list per directory.
import { PockerError } from '../../errors.js';
import type { CgroupFile } from '../plan.js';
import type { Draft } from '../draft.js';
import type { Integer } from '../spec-types.js';
import type { DeviceRule } from '../plan.js';

export type FileOptions = Pick<CgroupFile, 'optional' | 'otherwise'>;

/** What the planners of linux.resources write to. */
export interface CgroupFiles {
  readonly draft: Draft;
  /** Adds a write, after the earlier ones. On v1, `controller` selects the directory. */
  put(controller: string, file: string, value: string | Integer, pointer: string, options?: FileOptions): void;
  /** v2: the rules that its device program is made from. */
  restrictDevices(rules: readonly DeviceRule[]): void;
}

/** v1: a list per controller; controllers that are mounted together share a directory. */
export class HierarchyFiles implements CgroupFiles {
  readonly draft: Draft;
  readonly #lists: ReadonlyMap<string, CgroupFile[]>;

  constructor(draft: Draft, lists: ReadonlyMap<string, CgroupFile[]>) {
    this.draft = draft;
    this.#lists = lists;
  }

  put(controller: string, file: string, value: string | Integer, pointer: string, options: FileOptions = {}): void {
    const list = this.#lists.get(controller);
    if (list === undefined) {
      if (options.optional === true) return;
      throw new PockerError('E_CGROUP', `${pointer}: this machine has no cgroup hierarchy with the ${controller} controller`, {
        pointer,
      });
    }
    list.push({ file, value: String(value), pointer, ...options });
  }

  restrictDevices(): void {
    throw new PockerError('E_INTERNAL', 'cgroup v1 has files for device rules');
  }
}

/** v2: one directory for everything. */
export class UnifiedFiles implements CgroupFiles {
  readonly draft: Draft;
  readonly list: CgroupFile[] = [];
  devices: readonly DeviceRule[] = [];

  constructor(draft: Draft) {
    this.draft = draft;
  }

  put(_controller: string, file: string, value: string | Integer, pointer: string, options: FileOptions = {}): void {
    this.list.push({ file, value: String(value), pointer, ...options });
  }

  restrictDevices(rules: readonly DeviceRule[]): void {
    this.devices = rules;
  }
}

/** Engines pass 0 for "not set", and 0 means nothing in any of the fields that this is used for. */
export function isSet(value: Integer | undefined): value is Integer {
  return value !== undefined && value !== 0 && value !== 0n;
}
