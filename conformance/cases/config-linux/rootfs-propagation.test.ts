// config-linux.md, "Rootfs Mount Propagation".
import { failed, succeeded, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';

const table: [value: string, seen: RegExp][] = [
  ['shared', /shared:\d+/],
  ['slave', /^(?!.*shared:)/],
  ['private', /^(?!.*(shared|master):)/],
  ['unbindable', /unbindable/],
];

for (const [value, seen] of table) {
  test(
    value,
    async (t, box) => {
      const container = box.container((config) => {
        config.linux.rootfsPropagation = value;
        config.process.args = shell("grep ' / / \\| /[^ ]* / ' /proc/self/mountinfo");
      });
      const result = await container.run();
      succeeded(t, result);
      t.match(result.stdout.split('\n')[0], seen);
    },
    value === 'shared' || value === 'unbindable' ? { knownDifferences: { 'runc 1.1': 'is lost when the root is entered' } } : {},
  );
}

test("none: the program's mounts do not reach the host, the host's may reach the program", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell("grep ' / ' /proc/self/mountinfo | head -1");
  });
  t.notMatch((await container.run()).stdout, /shared:/);
});

test(
  'an unknown value is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.rootfsPropagation = 'sideways';
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'takes it' } },
);
