// What the runtime keeps about a container is private: modes whatever the umask, the gate, and what the container sees of it.
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded, type Tap, test } from '../../harness/case.js';
import type { CommandResult } from '../../harness/command.js';
import type { Box } from '../../harness/box.js';
import { waitForText, type Container } from '../../harness/container.js';
import { knockProgram, notifyProgram } from '../../harness/helpers/programs.js';
import { serviceManager } from '../../harness/topics/service-manager.js';
import { runtime } from '../../harness/runtime.js';

const stranger = 4242;

/** A command of the runtime with that umask. */
function masked(box: Box, mask: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<CommandResult> {
  const script = `umask ${mask}; exec "$@"`;
  return box.command('/bin/sh', ['-c', script, 'sh', runtime.path, '--root', box.stateRoot, ...args], { env });
}

/** Every path below the state directory, with its mode. */
function modesBelow(directory: string, prefix = ''): Record<string, string> {
  const modes: Record<string, string> = {};
  for (const name of readdirSync(directory)) {
    const status = statSync(join(directory, name));
    modes[prefix + name] = (status.mode & 0o7777).toString(8);
    if (status.isDirectory()) Object.assign(modes, modesBelow(join(directory, name), `${prefix}${name}/`));
  }
  return modes;
}

/** Someone who is not root and did not create the container can access nothing. */
async function assertPrivate(t: Tap, box: Box, container: Container): Promise<void> {
  const script = `ls ${box.stateRoot} ${box.stateRoot}/${container.id}; cat ${box.stateRoot}/${container.id}/*.json`;
  const result = await box.command('/usr/bin/setpriv', [`--reuid=${stranger}`, '--clear-groups', '/bin/sh', '-c', script]);
  t.equal(result.stdout, '', 'another user sees nothing');
  t.not(result.code, 0);
}

for (const mask of ['0', '022', '0777']) {
  test(`with umask ${mask} another user cannot access the state, and every command works`, async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
      config.process.env?.push('SECRET=x');
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['reboot'], action: 'SCMP_ACT_ERRNO' }] };
    });
    const { id } = container;
    succeeded(t, await masked(box, mask, ['create', '--bundle', container.bundle, '--pid-file', box.path('pid'), id]));
    await assertPrivate(t, box, container);
    if (runtime.isOurs) {
      const modes = modesBelow(box.stateRoot);
      t.equal((statSync(box.stateRoot).mode & 0o777).toString(8), '700');
      t.match(modes, { [id]: '700', [`${id}/state.json`]: '600', [`${id}/config.json`]: '600', [`${id}/start.sock`]: '600' });
      const cached = Object.keys(modes).filter((path) => path.startsWith('@seccomp/'));
      t.match(modes['@seccomp'], '700');
      for (const path of cached) t.equal(modes[path], '600', path);
    }
    for (const args of [['start'], ['update', '--pids-limit', '50'], ['pause'], ['resume'], ['state']] as const)
      succeeded(t, await masked(box, mask, [...args, id]));
    succeeded(t, await masked(box, mask, ['exec', id, 'true']));
    await assertPrivate(t, box, container);
    succeeded(t, await masked(box, mask, ['delete', '--force', id]));
    t.same(await box.leftovers(), []);
  });
}

const gateOf = (box: Box, { id }: Container): string => join(box.stateRoot, id, 'start.sock');

for (const userNamespace of [false, true]) {
  const where = userNamespace ? ' with a user namespace' : '';
  test(
    `another user cannot start a container${where}`,
    async (t, box) => {
      const container = box.container((config) => {
        config.process.args = ['sleep', '60'];
        if (!userNamespace) return;
        config.linux.namespaces.push({ type: 'user' });
        config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
        config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      });
      succeeded(t, await masked(box, '0', ['create', '--bundle', container.bundle, container.id]));
      const knock = (uid: number): Promise<CommandResult> => box.command(knockProgram(), [gateOf(box, container), String(uid)]);
      t.match((await knock(stranger)).stdout, /^connect: Permission denied/);
      // Even if somebody has opened the way to the socket.
      for (const path of [box.stateRoot, join(box.stateRoot, container.id)]) chmodSync(path, 0o755);
      t.match((await knock(stranger)).stdout, /^connect: Permission denied/, 'the mode of the socket');
      if (!userNamespace) {
        chmodSync(gateOf(box, container), 0o777);
        t.match((await knock(stranger)).stdout, /^(go|send): (Connection reset|Broken pipe)/, 'who it is');
      }
      t.equal((await container.state()).status, 'created');
      succeeded(t, await container.start());
      t.equal((await container.state()).status, 'running');
    },
    { oursOnly: true },
  );
}

test(
  'a silent connection to the gate does not prevent a start',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    succeeded(t, await container.create());
    const children = Array.from({ length: 12 }, () =>
      spawn(knockProgram(), [gateOf(box, container), '0', 'silent'], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    box.atEnd(() => children.forEach((child) => child.kill('SIGKILL')));
    await Promise.all(children.map((child) => new Promise((done) => child.stdout.once('data', done))));
    t.equal((await container.state()).status, 'created');
    succeeded(t, await container.start());
    t.equal((await container.state()).status, 'running');
  },
  { oursOnly: true },
);

test('the container can neither write to the directory of its notify socket nor have the runtime follow a link there', async (t, box) => {
  const manager = await serviceManager(box);
  const env = { ...process.env, NOTIFY_SOCKET: manager.socket };
  const victim = box.path('victim');
  writeFileSync(victim, '', { mode: 0o600 });
  const container = box.container((config) => {
    config.process.args = ['/bin/sh', '-c', '/notify READY=1; exec sleep 60'];
  });
  copyFileSync(notifyProgram(), join(container.rootfs, 'notify'));
  succeeded(t, await container.create({ env }));
  // All the while, as fast as it can.
  const swap = `for n in 1 2 3 4; do (while :; do ln -sf ${victim} /run/notify/notify.sock; rm -f /run/notify/notify.sock; done) & done; wait`;
  succeeded(t, await container.verb('exec', { flags: ['--detach'] }, ['/bin/sh', '-c', swap]));
  for (const command of ['mkdir /run/notify/x', 'touch /run/notify/x', `ln -s ${victim} /run/notify/x`])
    t.not((await container.verb('exec', {}, ['/bin/sh', '-c', command])).code, 0, command);
  succeeded(t, await container.start({ env }));
  t.match(await manager.messages(), /^READY=1/, 'and still it is heard');
  t.equal((statSync(victim).mode & 0o777).toString(8), '600', 'the host’s file is unchanged');
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.same(await box.leftovers(), []);
});

test('delete removes a state directory whatever it contains, however deep', async (t, box) => {
  const container = box.container();
  await container.up();
  await container.waitFor('stopped');
  // Nested deeper than the longest possible path, from the bottom up.
  const [deep, above] = [join(box.stateRoot, container.id, 'deep'), join(box.stateRoot, container.id, 'above')];
  for (let depth = 0; depth < 2000; depth++) {
    mkdirSync(join(above, 'beside'), { recursive: true });
    if (depth > 0) renameSync(deep, join(above, 'deep'));
    renameSync(above, deep);
  }
  mkdirSync(join(box.stateRoot, container.id, 'notify', 'x'), { recursive: true });
  writeFileSync(join(box.stateRoot, container.id, 'notify', 'file'), '');
  succeeded(t, await container.delete());
  t.same(await box.leftovers(), []);
});

test("a createContainer hook has the caller's umask", async (t, box) => {
  const container = box.container((config) => {
    const args = ['sh', '-c', `umask > ${box.path('umask')}`];
    config.hooks = { createContainer: [{ path: '/bin/sh', args, env: ['PATH=/usr/bin:/bin'] }] };
  });
  succeeded(t, await masked(box, '027', ['create', '--bundle', container.bundle, container.id]));
  t.match(await waitForText(box.path('umask')), /^0027\n/);
});
