import { withContainerRootfs } from '../../../containers/rootfs.js';
import { requireContainer } from '../../../records/container-store.js';
import { packTree } from '../../../layers/pack.js';
import { archiveOutput, writeArchive } from '../../archive-output.js';
import type { Call } from '../../command.js';

export function run({ engine, values, args: [said] }: Call): number {
  const output = archiveOutput(engine, values['output']);
  const container = requireContainer(engine, said!);
  writeArchive(engine, { output, failure: 'cannot export' }, (to) => {
    withContainerRootfs(engine, container, (rootfs) => {
      packTree(engine, rootfs, to);
    });
  });
  return 0;
}
