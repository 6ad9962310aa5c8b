// A kernel that lacks a system call, simulated by a filter around the runtime: either the container still runs, or the message
// says which version of Linux has the call; and nothing is left.
import type { Box } from '../../harness/box.js';
import { type CaseOptions, test } from '../../harness/case.js';
import type { CommandResult } from '../../harness/command.js';
import { shell } from '../../harness/config.js';
import { helper } from '../../harness/helpers/helper.js';
import { runtime } from '../../harness/runtime.js';

const ours: CaseOptions = { oursOnly: true, skip: runtime.isNodeHost && 'Node itself needs some of the calls' };

/** Each with the first version of Linux that has it; undefined: there is another way. */
const calls: readonly (readonly [call: string, since: string | undefined])[] = [
  ['openat2', '5.6'],
  ['clone3', '5.5'],
  ['mount_setattr', '5.12'],
  ['open_tree', '5.2'],
  ['move_mount', '5.2'],
  ['fsopen', '5.2'],
  ['fsconfig', '5.2'],
  ['fsmount', '5.2'],
  ['pidfd_open', '5.3'],
  ['pidfd_send_signal', '5.1'],
  ['close_range', '5.9'],
  ['memfd_create', '3.17'],
  ['faccessat2', undefined],
  ['fchmodat2', undefined],
];

function without(box: Box, call: string, ...words: string[]): Promise<CommandResult> {
  return box.command(helper('without'), [call, runtime.path, '--root', box.stateRoot, ...words]);
}

for (const [call, since] of calls) {
  test(
    `without ${call}: ${since === undefined ? 'done in another way' : `refused, for Linux ${since} has it`}`,
    async (t, box) => {
      const container = box.container((config) => {
        config.process.args = shell('echo ran; exec sleep 60');
        config.linux.maskedPaths = ['/proc/keys'];
      });
      const { id, bundle } = container;
      const results = [await without(box, call, 'create', '--bundle', bundle, id)];
      results.push(await without(box, call, 'start', id), await without(box, call, 'delete', '--force', id));
      const failed = results.find(({ code }) => code !== 0);
      if (since === undefined) t.equal(failed, undefined, 'everything works');
      else t.match(failed?.stderr, `${call} requires Linux ${since} or later`);
      // Again with the complete kernel.
      t.equal((await container.delete({ flags: ['--force'] })).code, 0);
      t.same(await box.leftovers(), []);
    },
    ours,
  );
}
