// The config that a container was made of, for what is done to it later.
import { parseJson } from '../json/json.js';
import type { Spec } from '../plan/spec-types.js';
import { validate } from '../spec/validate.js';
import type { Store } from '../container/store.js';

/** By the schema alone: create has judged it by the rules, too. E_CONFIG_* when somebody has spoiled it meanwhile. */
export function readSpec(store: Store, id: string): Spec {
  return validate(parseJson('the config of the container', store.readConfig(id)));
}
