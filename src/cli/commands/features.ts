import { runtimeFeatures } from '../../runtime/features.js';
import type { Invocation } from '../invocation.js';

export function run({ host }: Invocation): number {
  host.write(1, `${JSON.stringify(runtimeFeatures(host), undefined, 4)}\n`);
  return 0;
}
