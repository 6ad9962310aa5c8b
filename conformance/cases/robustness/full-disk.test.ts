// The state directory's disk is full: create fails with a clear message, and what it made is undone.
import { mkdirSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { runtime } from '../../harness/runtime.js';
import type { Box } from '../../harness/box.js';
import type { CommandResult } from '../../harness/command.js';

/** create with --root on a small tmpfs that only it sees; prints what is left there. */
async function createOn(box: Box, options: string, fill: string): Promise<CommandResult> {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  mkdirSync(box.stateRoot);
  const script = `mount -t tmpfs -o ${options} none "$1" || exit 99; cd /; ${fill}
    "$2" --root "$1" create --bundle "$3" "$4"; code=$?
    [ $code -eq 0 ] && "$2" --root "$1" delete --force "$4"
    rm -f "$1"/fill*; ls -A "$1"; exit $code`;
  return box.command('unshare', ['-m', 'sh', '-c', script, 'sh', box.stateRoot, runtime.path, container.bundle, container.id]);
}

test(
  'no space',
  async (t, box) => {
    const result = await createOn(box, 'size=16k', 'cat /dev/zero > "$1/fill" 2> /dev/null;');
    failed(t, result, /no space left/i);
    t.equal(result.stdout, '', 'nothing is left in the state directory');
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'leaves its state', runc: 'its message lacks the reason' } },
);

test(
  'no inodes',
  async (t, box) => {
    const result = await createOn(box, 'nr_inodes=3', 'touch "$1/fill1" "$1/fill2" 2> /dev/null;');
    failed(t, result, /no space left/i);
    t.equal(result.stdout, '');
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'an inode for the directory, but none for the files in it',
  async (t, box) => {
    const result = await createOn(box, 'nr_inodes=3', 'touch "$1/fill1";');
    failed(t, result, /no space left/i);
    t.equal(result.stdout, '');
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'leaves its state' } },
);

test(
  'a read-only disk',
  async (t, box) => {
    const result = await createOn(box, 'ro', '');
    failed(t, result, /read-only/i);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test('/dev/full as output does no harm', async (t, box) => {
  const container = box.container();
  succeeded(t, await container.create());
  const result = await box.command('sh', ['-c', `${runtime.path} --root ${box.stateRoot} state ${container.id} > /dev/full`]);
  t.equal(result.timedOut, false);
  t.ok(result.code < 126);
});
