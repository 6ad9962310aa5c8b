// `spec` writes a config.json to start from, and never overwrites one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../../harness/case.js';
import { type Config } from '../../../harness/config.js';

test('spec writes a valid config.json that runs', async (t, box) => {
  const container = box.container();
  const path = join(container.bundle, 'config.json');
  await box.command('rm', [path]);
  succeeded(t, await box.runtime(['spec'], { cwd: container.bundle }));
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  t.match(config.ociVersion, /^1\./);
  t.equal(config.root.path, 'rootfs');
  t.same(config.process.args, ['sh']);
  t.equal(config.process.terminal, true);
  config.process.terminal = false;
  config.process.args = ['echo', 'it runs'];
  config.linux.cgroupsPath = container.cgroupsPath;
  container.writeConfig(JSON.stringify(config));
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, 'it runs\n');
});

test('an existing config.json is not overwritten', async (t, box) => {
  const directory = box.path('place');
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.json'), 'mine');
  failed(t, await box.runtime(['spec', '--bundle', directory]), /config\.json/);
  t.equal(readFileSync(join(directory, 'config.json'), 'utf8'), 'mine');
});

test(
  '--bundle and --rootless',
  async (t, box) => {
    const directory = box.path('place');
    mkdirSync(directory);
    succeeded(t, await box.runtime(['spec', '-b', directory, '--rootless']));
    const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as Config;
    t.ok(config.linux.namespaces.some((namespace) => namespace.type === 'user'));
    t.ok((config.linux.uidMappings ?? []).length > 0);
    t.notOk(config.linux.namespaces.some((namespace) => namespace.type === 'network'));
  },
  { knownDifferences: { crun: 'uses other paths and another list of mounts' } },
);

test('a bundle that does not exist', async (t, box) => {
  failed(t, await box.runtime(['spec', '--bundle', box.path('nowhere')]));
});
