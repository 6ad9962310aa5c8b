// --systemd-cgroup for an ordinary user: a scope of the user's own manager, with limits in force.
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import type { Box } from '../../harness/box.js';
import { succeeded, test } from '../../harness/case.js';
import { layout, readCgroup } from '../../harness/machine/cgroup.js';
import type { CommandResult } from '../../harness/command.js';
import type { Container, State } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

const user = 1000;
const session = `/run/user/${user}`;
const become = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
const environment = ['env', `XDG_RUNTIME_DIR=${session}`, `DBUS_SESSION_BUS_ADDRESS=unix:path=${session}/bus`];

function reason(): string | false {
  if (!existsSync(`${session}/systemd/private`)) return `user ${user} has no systemd of its own here`;
  if (layout !== 'v2') return "a user's systemd manages cgroups of v2";
  const reachable = spawnSync('setpriv', [...become, runtime.path, '--version']).status === 0;
  return reachable ? false : 'an ordinary user cannot reach the runtime where it lies';
}

function asUser(box: Box, ...args: string[]): Promise<CommandResult> {
  return box.command('setpriv', [...become, ...environment, runtime.path, '--root', box.stateRoot, ...args]);
}

function owned(box: Box): Container {
  const map = [{ containerID: 0, hostID: user, size: 1 }];
  const container = box.container((config) => {
    config.process.args = ['sleep', '600'];
    config.linux.cgroupsPath = `:pkr:${box.name}`;
    config.linux.namespaces = [...config.linux.namespaces.filter(({ type }) => type !== 'network'), { type: 'user' }];
    config.linux.uidMappings = map;
    config.linux.gidMappings = map;
    config.linux.resources = { memory: { limit: 64 * 1024 * 1024 }, pids: { limit: 50 } };
  });
  mkdirSync(box.stateRoot, { recursive: true });
  chownSync(box.stateRoot, user, user);
  spawnSync('chown', ['-R', String(user), container.bundle]);
  return container;
}

test(
  "a scope of the user's manager, joined by exec, gone with the container",
  async (t, box) => {
    const container = owned(box);
    succeeded(t, await asUser(box, '--systemd-cgroup', 'create', '--bundle', container.bundle, container.id));
    const { pid } = JSON.parse((await asUser(box, 'state', container.id)).stdout) as State;
    const path = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().slice('0::'.length);
    const manager = `/user.slice/user-${user}.slice/user@${user}.service`;
    t.equal(path, `${manager}/user.slice/pkr-${box.name}.scope`);
    t.equal(readCgroup('memory', path, 'memory.max'), '67108864');
    t.equal(readCgroup('pids', path, 'pids.max'), '50');
    succeeded(t, await asUser(box, 'start', container.id));
    succeeded(t, await asUser(box, 'exec', '--detach', container.id, 'sleep', '601'));
    t.equal(readCgroup('', path, 'cgroup.procs')?.split('\n').length, 2, 'exec joins it');
    succeeded(t, await asUser(box, 'delete', '--force', container.id));
    const units = ['systemctl', '--user', 'list-units', '--all', '--plain', '--no-legend', `*${box.name}*`];
    const { stdout } = await box.command('setpriv', [...become, ...environment, ...units]);
    t.equal(stdout.trim(), '', 'no unit is left');
  },
  {
    skip: reason(),
    knownDifferences: {
      'runc 1.1': "leaves the processes of an ordinary user's exec where they are",
      crun: 'gives systemd the empty name of the slice as it is',
    },
  },
);
