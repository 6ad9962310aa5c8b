// The annotation run.oci.keep_original_groups from crun, which podman sets for --group-add keep-groups: the caller's groups stay.
import { succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import { runtime } from '../../harness/runtime.js';

const annotation = 'run.oci.keep_original_groups';
const groups = '4242,4343';

/** The program's groups, if the runtime is called with two of its own. */
async function groupsOf(box: Box, value: string | undefined, additionalGids: number[] = []): Promise<string> {
  const container = box.container((config) => {
    config.process.args = ['grep', '^Groups', '/proc/self/status'];
    config.process.user = { uid: 1000, gid: 1000, additionalGids };
    if (value !== undefined) config.annotations = { [annotation]: value };
  });
  const run = [runtime.path, '--root', box.stateRoot, 'run', '--bundle', container.bundle, container.id];
  const result = await box.command('setpriv', [`--groups=${groups}`, ...run]);
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  return result.stdout.replace(/^Groups:/, '').trim();
}

const noRunc = { knownDifferences: { runc: 'does not know this annotation of crun' } };

test("without it, only the config's", async (t, box) => {
  t.equal(await groupsOf(box, undefined, [7]), '7');
  t.equal(await groupsOf(box, undefined), '');
});

test(
  "with it, the caller's",
  async (t, box) => {
    t.equal(await groupsOf(box, '1'), '4242 4343');
    t.equal(await groupsOf(box, ''), '4242 4343', 'any value');
  },
  noRunc,
);

test('"0" is the same as without it', async (t, box) => {
  t.equal(await groupsOf(box, '0', [7]), '7');
});

test(
  "exec also keeps its caller's",
  async (t, box) => {
    const container = await box.running((config) => {
      config.annotations = { [annotation]: '1' };
    });
    const exec = [runtime.path, '--root', box.stateRoot, 'exec', container.id, 'grep', '^Groups', '/proc/self/status'];
    const result = await box.command('setpriv', [`--groups=${groups}`, ...exec]);
    succeeded(t, result);
    t.equal(result.stdout.replace(/^Groups:/, '').trim(), '4242 4343');
  },
  noRunc,
);
