// system repair: finishes or undoes what killed commands left.
import { repairEverything } from '../../../containers/repair.js';
import { allDamage } from '../../../containers/damage.js';
import type { Call } from '../../command.js';
import { clearStaging } from '../../../store/staging.js';

export function run({ engine }: Call): number {
  const started = repairEverything(engine);
  const cleared = clearStaging(engine);
  engine.host.write(1, `Restarted containers: ${started}\nRemoved unfinished downloads: ${cleared}\n`);
  const damage = allDamage(engine);
  for (const { path, giveUp } of damage)
    engine.host.write(1, `Damaged: put back a copy of ${path}${giveUp === undefined ? '' : `, or ${giveUp}`}\n`);
  return damage.length === 0 ? 0 : 1;
}
