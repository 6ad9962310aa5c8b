// The executable under another name: engines look for `runc`, `buildkit-runc` or `crun` in $PATH, and users make links.
import { realpathSync, symlinkSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import { runtime } from '../../../harness/runtime.js';

for (const name of ['runc', 'crun', 'buildkit-runc', 'docker-runc', 'x']) {
  test(`a link called ${name}`, async (t, box) => {
    const link = box.path(name);
    symlinkSync(realpathSync(runtime.path), link);
    for (const words of [['--version'], ['features'], ['--help']]) {
      const [own, other] = [await box.command(runtime.path, words), await box.command(link, words)];
      // runc's help begins with the name it was called by.
      if (runtime.isOurs || words[0] !== '--help') t.same([other.code, other.stdout], [own.code, own.stdout], words.join(' '));
      else succeeded(t, other);
    }
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    // Found in $PATH, as with `docker build`.
    const env = { ...process.env, PATH: `${box.directory}:${process.env['PATH'] ?? ''}` };
    const call = (...words: string[]) => box.command(name, ['--root', box.stateRoot, ...words], { env });
    succeeded(t, await call('create', '--bundle', container.bundle, container.id));
    succeeded(t, await call('start', container.id));
    t.equal((await container.state()).status, 'running', 'it is the same container under either name');
    t.equal((await call('exec', container.id, 'echo', 'inside')).stdout, 'inside\n');
    failed(t, await call('delete', container.id), /not stopped|running/);
    succeeded(t, await call('kill', container.id, 'KILL'));
    await container.waitFor('stopped');
    succeeded(t, await call('delete', container.id));
  });
}

test('a link to a link, and one that was moved', async (t, box) => {
  symlinkSync(realpathSync(runtime.path), box.path('first'));
  symlinkSync('first', box.path('runc'));
  const container = box.container();
  succeeded(t, await box.command(box.path('runc'), ['--root', box.stateRoot, 'run', '--bundle', container.bundle, container.id]));
});

test(
  "podman's probes for checkpoint and restore",
  async (t, box) => {
    symlinkSync(realpathSync(runtime.path), box.path('runc'));
    const probe = (...words: string[]) => box.command(box.path('runc'), words);
    succeeded(t, await probe('checkpoint', '--help'));
    const help = await probe('restore', '--help');
    succeeded(t, help);
    t.match(help.stdout, '--lsm-mount-context');
    // Podman looks for these words, whatever else is said.
    for (const flag of ['--lsm-mount-context', '-lsm-mount-context']) {
      const { code, stdout, stderr } = await probe('restore', flag);
      t.not(code, 0);
      t.match(stdout + stderr, /flag needs an argument/);
    }
  },
  { knownDifferences: { crun: 'says "requires an argument", which podman also knows' } },
);
