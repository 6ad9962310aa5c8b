// mounts add and remove, where root in the container is not root on the machine (mount_namespaces(7)).
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { failed, succeeded, test, type Tap } from '../../../harness/case.js';
import type { Box } from '../../../harness/box.js';
import type { CommandResult } from '../../../harness/command.js';
import type { Config, Mount } from '../../../harness/config.js';
import type { Container } from '../../../harness/container.js';
import { type Action, change, inside, knownDifferences, lineOf, mountPoints, source } from '../../../harness/topics/mounts.js';
import { runtime } from '../../../harness/runtime.js';

const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
const all = ['CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE'];

function ofUser(config: Config): void {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = config.linux.gidMappings = ids;
  config.process.args = ['sleep', '60'];
  config.process.capabilities = { bounding: all, effective: all, permitted: all };
}

/** In somebody else's directory, a tmpfs that may not be written to. */
async function restricted(box: Box): Promise<string> {
  const closed = box.path('closed');
  mkdirSync(closed);
  chownSync(closed, 12_345, 12_345);
  chmodSync(closed, 0o700);
  const path = join(closed, 'source');
  mkdirSync(path);
  await box.command('mount', ['-t', 'tmpfs', '-o', 'nodev', 'none', path]);
  box.atEnd(() => box.command('umount', [path]));
  writeFileSync(join(path, 'file'), 'found\n');
  chmodSync(path, 0o777);
  await box.command('mount', ['-o', 'remount,bind,ro', path]);
  return path;
}

/** Root in the container tries everything it can. */
async function assertLocked(t: Tap, container: Container, target: string): Promise<void> {
  const script = `for o in rw rw,nodev ro,dev; do mount -o remount,bind,$o ${target}; done; touch ${target}/x && echo written
    mkdir -p /tmp/again; mount --bind ${target} /tmp/again; mount -o remount,bind,rw /tmp/again; touch /tmp/again/x && echo written
    cat ${target}/file`;
  t.equal(await inside(container, script), 'found\n', target);
  t.match(await inside(container, lineOf(target)), /^ro,nodev/);
}

test(
  "in a user namespace the flags of a source stay locked, even where the namespace's root may not go",
  async (t, box) => {
    const path = await restricted(box);
    const container = box.container(ofUser);
    for (const name of ['mnt', 'file', 'proc2']) mkdirSync(join(container.rootfs, name));
    await container.create();
    succeeded(t, await change(container, 'add', [{ destination: '/mnt', source: path, options: ['bind'] }]));
    await container.start();
    succeeded(t, await change(container, 'add', [{ destination: '/proc2', type: 'proc', source: 'proc' }]));
    t.equal(await inside(container, 'cat /proc2/1/comm; stat -c %u /mnt'), 'sleep\n65534\n');
    await assertLocked(t, container, '/mnt');
    failed(t, await change(container, 'add', [{ destination: '/file', source: path, options: ['bind', 'rw'] }]), /locked/);
    t.equal(await mountPoints(container), '/mnt /proc2 /tmp/again');
    succeeded(t, await change(container, 'remove', [{ destination: '/mnt' }, { destination: '/proc2' }]));
  },
  { knownDifferences: { ...knownDifferences, crun: 'locks nothing' } },
);

/** Whether a tmpfs can be id-mapped: Linux 6.3. */
const [major = 0, minor = 0] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number);

test(
  'so do those of a source with an id map',
  async (t, box) => {
    const path = await restricted(box);
    const container = box.container(ofUser);
    mkdirSync(join(container.rootfs, 'mnt'));
    await container.up();
    succeeded(t, await change(container, 'add', [{ destination: '/mnt', source: path, options: ['bind', 'idmap'] }]));
    t.equal(await inside(container, 'stat -c %u /mnt'), '0\n');
    await assertLocked(t, container, '/mnt');
  },
  {
    skip: major > 6 || (major === 6 && minor >= 3) ? false : 'this kernel has no id-mapped tmpfs',
    knownDifferences: { ...knownDifferences, crun: 'locks nothing' },
  },
);

const user = 65_534;
const become = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
const able = spawnSync('setpriv', [...become, 'unshare', '--user', 'true']).status === 0;
const reachable = spawnSync('setpriv', [...become, runtime.path, '--version']).status === 0;

test(
  "an ordinary user's mounts, with the user's rights",
  async (t, box) => {
    const container = box.container((config) => {
      const map = [{ containerID: 0, hostID: user, size: 1 }];
      config.linux.namespaces.push({ type: 'user' });
      config.linux.uidMappings = config.linux.gidMappings = map;
      delete config.linux.cgroupsPath;
      config.process.args = ['sleep', '60'];
    });
    const closed = await restricted(box);
    mkdirSync(box.stateRoot);
    writeFileSync(box.path('mounts.json'), '');
    for (const path of [container.bundle, box.stateRoot, box.path('mounts.json')]) spawnSync('chown', ['-R', String(user), path]);
    const asUser = (...args: string[]): Promise<CommandResult> =>
      box.command('setpriv', [...become, runtime.path, '--root', box.stateRoot, ...args]);
    const mounts = async (action: Action, list: Mount[]): Promise<CommandResult> => {
      writeFileSync(box.path('mounts.json'), JSON.stringify(list));
      return asUser('mounts', action, container.id, box.path('mounts.json'));
    };
    succeeded(t, await asUser('run', '-d', '--bundle', container.bundle, container.id));
    const good: Mount[] = [
      { destination: '/mnt', source: source(box), options: ['bind', 'ro'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
    ];
    succeeded(t, await mounts('add', good));
    const exec = async (script: string): Promise<string> => (await asUser('exec', container.id, 'sh', '-c', script)).stdout;
    t.equal(await exec('cat /mnt/file; grep -c -e " /tmp " -e " /mnt ro" /proc/self/mountinfo'), 'found\n2\n');
    failed(t, await mounts('add', [{ destination: '/bound', source: closed, options: ['bind'] }]), /permission denied/i);
    succeeded(t, await mounts('remove', good));
    t.equal(await exec('grep -c -e " /tmp " -e " /mnt " /proc/self/mountinfo'), '0\n');
    await asUser('delete', '--force', container.id);
  },
  { skip: able && reachable ? false : 'an ordinary user cannot do that here', knownDifferences },
);
