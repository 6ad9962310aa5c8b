// --strict: what cannot be applied is an error instead of a warning.
import { failed, succeeded, test } from '../../../harness/case.js';
import type { Config } from '../../../harness/config.js';

const ignored: readonly (readonly [what: string, change: (config: Config) => void, pointer: string])[] = [
  [
    'a capability that is ambient, but not inheritable',
    (config) => {
      const names = ['CAP_KILL'];
      config.process.capabilities = { bounding: names, permitted: names, effective: names, ambient: names };
    },
    '/process/capabilities/ambient/0',
  ],
  [
    'a name for a user of Windows',
    (config) => {
      config.process.user = { ...config.process.user, username: 'somebody' } as Config['process']['user'];
    },
    '/process/user/username',
  ],
  [
    'limits without cgroups',
    (config) => {
      config.linux.resources = { pids: { limit: 5 } };
    },
    '/linux/resources/pids',
  ],
];

for (const [what, change, pointer] of ignored) {
  test(
    what,
    async (t, box) => {
      const container = box.container(change);
      const globals = pointer.includes('resources') ? ['--cgroup-manager', 'disabled'] : [];
      const lenient = await container.run({ globals });
      succeeded(t, lenient);
      t.match(lenient.stderr, new RegExp(`warning: .*${pointer}`));
      const strict = await container.run({ globals: [...globals, '--strict'] });
      failed(t, strict, new RegExp(pointer));
      t.match(strict.stderr, /Omit --strict/);
      t.same(await box.leftovers(), []);
    },
    { oursOnly: true },
  );
}

test(
  'a config that can be applied is applied',
  async (t, box) => {
    succeeded(t, await box.container().run({ globals: ['--strict'] }));
  },
  { oursOnly: true },
);
