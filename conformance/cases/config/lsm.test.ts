// config.md, "Linux Process": apparmorProfile and selinuxLabel.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { failed, succeeded, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';

const enabled = '/sys/module/apparmor/parameters/enabled';
const apparmor = existsSync(enabled) && readFileSync(enabled, 'utf8').startsWith('Y');
const parser = spawnSync('sh', ['-c', 'command -v apparmor_parser']).status === 0;
const skip = !apparmor ? 'this kernel has no AppArmor' : parser ? false : 'apparmor_parser is not installed';
const selinux = existsSync('/sys/fs/selinux/enforce');

/** Loads a profile that forbids writing below /tmp, until the case ends. */
function loadProfile(box: Box): string {
  const name = box.name;
  const file = box.path('profile');
  writeFileSync(file, `profile ${name} flags=(attach_disconnected) { file, capability, signal, deny /tmp/** w, }\n`);
  const loaded = spawnSync('apparmor_parser', ['--add', '--skip-cache', file], { encoding: 'utf8' });
  if (loaded.status !== 0) throw new Error(`apparmor_parser: ${loaded.stderr}`);
  box.atEnd(() => spawnSync('apparmor_parser', ['--remove', file]));
  return name;
}

const script = 'cat /proc/self/attr/current; echo x > /tmp/file || echo refused; echo x > /file && echo allowed';

for (const noNewPrivileges of [true, false]) {
  test(
    `apparmorProfile, noNewPrivileges ${noNewPrivileges}`,
    async (t, box) => {
      const profile = loadProfile(box);
      const container = box.container((config) => {
        config.process.noNewPrivileges = noNewPrivileges;
        config.process.apparmorProfile = profile;
        config.process.args = shell(script);
      });
      const result = await container.run();
      succeeded(t, result);
      t.equal(result.stdout, `${profile} (enforce)\nrefused\nallowed\n`);
    },
    { skip },
  );
}

test(
  'exec: the profile of the config, or another one',
  async (t, box) => {
    const profile = loadProfile(box);
    const container = box.container((config) => {
      config.process.apparmorProfile = profile;
      config.process.args = ['sleep', '60'];
    });
    await container.up();
    const current = ['cat', '/proc/self/attr/current'];
    t.equal((await container.verb('exec', {}, current)).stdout, `${profile} (enforce)\n`);
    t.match((await container.verb('exec', { flags: ['--apparmor', 'unconfined'] }, current)).stdout, /^unconfined/);
  },
  { skip, knownDifferences: { 'crun 1.8': 'has no such flag' } },
);

test(
  'a profile that is not loaded is an error of create',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.apparmorProfile = 'no-such-profile';
    });
    failed(t, await container.create(), /apparmor/i);
    t.same(await box.leftovers(), []);
  },
  { skip, knownDifferences: { crun: 'notices only in start' } },
);

test(
  'a profile without AppArmor is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.apparmorProfile = 'any';
    });
    failed(t, await container.create(), /AppArmor/i);
    t.same(await box.leftovers(), []);
  },
  { skip: apparmor ? 'this kernel has AppArmor' : false, knownDifferences: { crun: 'ignores it' } },
);

test(
  'a label without SELinux is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.selinuxLabel = 'system_u:system_r:container_t:s0:c1,c2';
    });
    failed(t, await container.create(), /SELinux/i);
    t.same(await box.leftovers(), []);
  },
  { skip: selinux ? 'this kernel has SELinux' : false, knownDifferences: { crun: 'ignores it' } },
);
