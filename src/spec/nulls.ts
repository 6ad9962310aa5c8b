// null in an optional field: Go programs write it for every empty list and pointer. It means that the field is left out.
import type { Source } from '../json/json.js';
import { holderOf } from '../json/pointer.js';
import type { SchemaError } from '../generated/validate.js';

/** Objects whose keys the config chooses. As in a list, an entry without a value means nothing, and is an error. */
const maps = ['/annotations', '/linux/netDevices', '/linux/resources/rdma', '/linux/resources/unified', '/linux/sysctl'];

function isField(pointer: string): boolean {
  return pointer !== '' && !maps.includes(pointer.slice(0, pointer.lastIndexOf('/')));
}

/**
 * Removes the null fields that the validator complained about from the value; false if there were none. Removes required ones,
 * too: the validator then complains that they are missing.
 */
export function dropNulls(errors: readonly SchemaError[], { value, base }: Source): boolean {
  let dropped = false;
  for (const { instancePath: pointer } of errors) {
    // A part as a whole has no parent to remove it from.
    if (!isField(pointer) || pointer === base) continue;
    const [holder, key] = holderOf(value, pointer.slice(base.length));
    if (holder[key] !== null || Array.isArray(holder)) continue;
    Reflect.deleteProperty(holder, key);
    dropped = true;
  }
  return dropped;
}
