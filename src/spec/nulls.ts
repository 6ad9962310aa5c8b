// null for an optional field: programs in Go write it for every empty list and pointer, and it means the field left out.
import type { Source } from '../json/json.js';
import { holderOf } from '../json/pointer.js';
import type { SchemaError } from '../generated/validate.js';

/** Objects whose keys the config chooses: as in a list, an entry with no value says nothing, and is an error. */
const maps = ['/annotations', '/linux/netDevices', '/linux/resources/rdma', '/linux/resources/unified', '/linux/sysctl'];

function isField(pointer: string): boolean {
  return pointer !== '' && !maps.includes(pointer.slice(0, pointer.lastIndexOf('/')));
}

/**
 * Takes the null fields that the validator complained about out of the value; false when there were none. Required ones, too: that
 * they are missing is its next complaint.
 */
export function dropNulls(errors: readonly SchemaError[], { value, base }: Source): boolean {
  let dropped = false;
  for (const { instancePath: pointer } of errors) {
    // The whole of a part stands nowhere that it could be taken out of.
    if (!isField(pointer) || pointer === base) continue;
    const [holder, key] = holderOf(value, pointer.slice(base.length));
    if (holder[key] !== null || Array.isArray(holder)) continue;
    Reflect.deleteProperty(holder, key);
    dropped = true;
  }
  return dropped;
}
