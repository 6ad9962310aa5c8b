import { beAnchor } from '../../../rootless.js';
import type { Call } from '../../command.js';

export function run({ engine }: Call): number {
  beAnchor(engine);
  return 0;
}
