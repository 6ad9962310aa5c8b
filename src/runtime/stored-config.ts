// The config that a container was made from, for later commands.
import { parseJson } from '../json/json.js';
import type { Spec } from '../plan/spec-types.js';
import { validate } from '../spec/validate.js';
import type { Store } from '../container/store.js';

/** Checks only the schema: create has checked the rules. E_CONFIG_* if somebody has damaged it since. */
export function readSpec(store: Store, id: string): Spec {
  return validate(parseJson('the config of the container', store.readConfig(id)));
}
