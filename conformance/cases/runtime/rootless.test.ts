// Containers of an ordinary user: a user namespace with its own id alone, no cgroups, no privileges.
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import type { CommandResult } from '../../harness/command.js';
import { type Config, shell } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

const user = 65_534;
const become = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];

const mayUseThem = spawnSync('setpriv', [...become, 'unshare', '--user', 'true']).status === 0;
const reachable = spawnSync('setpriv', [...become, runtime.path, '--version']).status === 0;
const skip = !mayUseThem
  ? 'ordinary users may not make user namespaces here'
  : runtime.isNodeHost && !reachable
    ? 'an ordinary user cannot reach the Node host where it lies'
    : false;

/** The static executable can be copied to where the user reaches it. */
function program(box: Box): string {
  if (reachable) return runtime.path;
  copyFileSync(runtime.path, box.path('runtime'));
  chmodSync(box.path('runtime'), 0o755);
  return box.path('runtime');
}

function rootless(config: Config): void {
  const map = [{ containerID: 0, hostID: user, size: 1 }];
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = map;
  config.linux.gidMappings = map;
  delete config.linux.cgroupsPath;
  delete config.linux.resources;
}

/** The runtime as that user, with a state directory of the user's. */
async function asUser(box: Box, ...args: string[]): Promise<CommandResult> {
  mkdirSync(box.stateRoot, { recursive: true });
  await box.command('chown', ['-R', String(user), box.stateRoot]);
  return box.command('setpriv', [...become, program(box), '--root', box.stateRoot, ...args]);
}

function owned(box: Box, change: (config: Config) => void): Container {
  const container = box.container((config) => {
    rootless(config);
    change(config);
  });
  spawnSync('chown', ['-R', String(user), container.bundle]);
  return container;
}

test(
  'run, as root of a container and nobody outside',
  async (t, box) => {
    const container = owned(box, (config) => {
      config.process.args = shell("id -u; sed 's/  */ /g' /proc/self/uid_map; cat /proc/self/setgroups; echo mine > /file");
    });
    const result = await asUser(box, 'run', '--bundle', container.bundle, container.id);
    t.equal(result.code, 0, 'run', { stderr: result.stderr });
    t.equal(result.stdout, `0\n 0 ${user} 1\ndeny\n`);
    t.equal(container.read('file'), 'mine\n');
    t.same(await box.leftovers(), []);
  },
  { skip },
);

test(
  'create, state, start, kill and delete',
  async (t, box) => {
    const container = owned(box, (config) => {
      config.process.args = ['sleep', '60'];
    });
    const created = await asUser(box, 'create', '--bundle', container.bundle, container.id);
    t.equal(created.code, 0, 'create', { stderr: created.stderr });
    t.match((await asUser(box, 'state', container.id)).stdout, /"status": ?"created"/);
    t.equal((await asUser(box, 'start', container.id)).code, 0, 'start');
    t.equal((await asUser(box, 'kill', container.id, 'KILL')).code, 0, 'kill');
    await container.waitFor('stopped');
    t.equal((await asUser(box, 'delete', container.id)).code, 0, 'delete');
    t.same(await box.leftovers(), []);
  },
  { skip },
);

test(
  'a limit that needs a cgroup is an error that says so, and nothing is left',
  async (t, box) => {
    const container = owned(box, (config) => {
      config.linux.resources = { memory: { limit: 64 * 1024 * 1024 } };
    });
    const result = await asUser(box, 'run', '--bundle', container.bundle, container.id);
    t.not(result.code, 0);
    t.match(result.stderr, /cgroup/);
    t.match(result.stderr, /permission denied/i);
    t.same(await box.leftovers(), []);
  },
  { skip, knownDifferences: { runc: 'ignores limits that it cannot set' } },
);

test(
  'without a user namespace it is refused, with a hint',
  async (t, box) => {
    const container = owned(box, (config) => {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'user');
      delete config.linux.uidMappings;
      delete config.linux.gidMappings;
    });
    const result = await asUser(box, 'run', '--bundle', container.bundle, container.id);
    t.not(result.code, 0);
    t.match(result.stderr, /user namespace/);
  },
  { skip },
);
