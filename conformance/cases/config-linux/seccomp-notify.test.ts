// config-linux.md, "Seccomp": SCMP_ACT_NOTIFY, which an agent outside answers.
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { syscallProgram } from '../../harness/helpers/programs.js';
import { Agent } from '../../harness/topics/agent.js';
import { filtered } from '../../harness/topics/filtered.js';
import type { Profile } from '../../harness/seccomp-profile.js';

const x86 = process.arch === 'x64' ? false : 'the numbers are those of x86-64';
const mkdir = 83;

function notifying(socket: string): Profile {
  const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' }];
  return { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: socket, listenerMetadata: 'for you', syscalls };
}

test(
  'SCMP_ACT_NOTIFY: the agent gets the state and decides',
  async (t, box) => {
    const agent = await Agent.listen(box, 77);
    const container = filtered(box, notifying(agent.socket), (config) => {
      config.annotations = { 'org.example.key': 'ü' };
      config.process.args = ['/syscall', `${mkdir}`, '39'];
    });
    copyFileSync(syscallProgram(), join(container.rootfs, 'syscall'));
    const created = await container.up();
    await container.waitFor('stopped');
    t.equal(box.reread(created).stdout, '77\n0\n');
    const state = await agent.state();
    t.match(state, { fds: ['seccompFd'], metadata: 'for you', ociVersion: /^1\./ });
    t.match(state['state'], { id: container.id, bundle: container.bundle, annotations: { 'org.example.key': 'ü' } });
    t.equal((state['state'] as { pid: number }).pid, state['pid']);
    t.ok(Number(state['pid']) > 1, 'the pid outside');
    t.same(await agent.calls(), [mkdir]);
  },
  { skip: x86, knownDifferences: { 'crun 1.8': 'reports 0.2.0 as the version of the specification' } },
);

test(
  'SCMP_ACT_NOTIFY in exec: its own listener',
  async (t, box) => {
    const first = await Agent.listen(box, 77);
    const container = filtered(box, notifying(first.socket), (config) => {
      config.process.args = ['sleep', '60'];
    });
    copyFileSync(syscallProgram(), join(container.rootfs, 'syscall'));
    await container.up();
    const { pid } = await container.state();
    t.equal((await first.state())['pid'], pid);
    const second = await Agent.listen(box, 78);
    const result = await container.verb('exec', {}, ['/syscall', `${mkdir}`]);
    t.equal(result.stdout, '78\n');
    const state = await second.state();
    t.not(state['pid'], pid);
    t.match(state['state'], { pid, status: 'running' });
  },
  { skip: x86, knownDifferences: { 'crun 1.8': 'reports 0 as the pid', 'runc 1.1': 'waits forever' } },
);

test('SCMP_ACT_NOTIFY: the agent has the notify fd when create returns', async (t, box) => {
  for (const noNewPrivileges of [true, false]) {
    const agent = await Agent.listen(box, 77);
    const container = filtered(box, notifying(agent.socket), (config) => {
      config.process.noNewPrivileges = noNewPrivileges;
    });
    succeeded(t, await container.create());
    t.match((await agent.state())['state'], { status: 'creating', id: container.id });
    succeeded(t, await container.delete({ flags: ['--force'] }));
  }
});

test('SCMP_ACT_NOTIFY without an agent: create fails, and nothing is left', async (t, box) => {
  const container = filtered(box, notifying(box.path('nobody.sock')), (config) => {
    config.process.args = ['touch', '/ran'];
  });
  failed(t, await container.create(), /nobody\.sock|seccomp/);
  failed(t, await container.run(), /nobody\.sock|seccomp/);
  t.throws(() => readdirSync(join(container.rootfs, 'ran')), 'the program did not run');
  t.same(await box.leftovers(), []);
});

test(
  'SCMP_ACT_NOTIFY with a filter that keeps the notify fd from being sent: create fails and says so',
  async (t, box) => {
    const agent = await Agent.listen(box, 77);
    const profile = notifying(agent.socket);
    const syscalls = [...profile.syscalls!, { names: ['sendmsg'], action: 'SCMP_ACT_ERRNO' }];
    const container = filtered(box, { ...profile, syscalls }, () => undefined);
    failed(t, await container.create(), /must allow sendmsg/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'fetches it with pidfd_getfd(2)', crun: 'sends it from another process' } },
);
