// Unreadable records, each with the command that gives up the object.
import { containerDirectory, damagedContainers } from '../records/container-store.js';
import type { Engine } from '../engine.js';
import { damagedImages, damagedIndex } from '../records/image-store.js';
import { leasesFile, readLeases } from '../networks/leases.js';
import { damagedNetworks, networkFile } from '../networks/networks.js';
import { isDamaged } from '../store/json-files.js';
import { damagedVolumes, volumeFile } from '../volumes/volumes.js';

interface Damage {
  readonly path: string;
  /** Without such a command, only a backup helps. */
  readonly giveUp?: string;
}

export function allDamage(engine: Engine): Damage[] {
  const leases = isDamaged(() => readLeases(engine)) ? [leasesFile(engine)] : [];
  return [
    ...damagedContainers(engine).map((id) => ({
      path: `${containerDirectory(engine, id)}/container.json`,
      giveUp: `pocker rm -f ${id}`,
    })),
    ...damagedNetworks(engine).map((name) => ({ path: networkFile(engine, name), giveUp: `pocker network rm ${name}` })),
    ...damagedVolumes(engine).map((name) => ({ path: volumeFile(engine, name), giveUp: `pocker volume rm -f ${name}` })),
    ...damagedImages(engine).map((path) => ({ path, giveUp: 'pull or load that image again' })),
    ...[...damagedIndex(engine), ...leases].map((path) => ({ path })),
  ];
}
