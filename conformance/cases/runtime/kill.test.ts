// runtime.md, "Kill": signals by name and number, and the statuses in which there is nothing to signal.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, shell } from '../../harness/config.js';

const sleeping = (config: Config): void => {
  config.process.args = ['sleep', '60'];
};

for (const signal of ['TERM', 'SIGTERM', '15', 'term', '015', '']) {
  test(
    `kill understands "${signal}"`,
    async (t, box) => {
      const container = box.container((config) => {
        config.process.args = shell("trap 'echo got > /got; exit 3' TERM; echo up > /up; while :; do sleep 0.02; done");
      });
      await container.up();
      await container.waitForFile('up');
      succeeded(t, await container.kill(signal));
      t.equal(await container.waitForFile('got'), 'got\n');
      await container.waitFor('stopped');
    },
    signal === 'term' || signal === '' ? { knownDifferences: { crun: 'rejects a name in lower case, and an empty one' } } : {},
  );
}

test('kill sends TERM by default', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell("trap 'echo got > /got; exit' TERM; echo up > /up; while :; do sleep 0.02; done");
  });
  await container.up();
  await container.waitForFile('up');
  succeeded(t, await container.verb('kill'));
  t.equal(await container.waitForFile('got'), 'got\n');
});

test('kill with --all before the id is accepted', async (t, box) => {
  const container = box.container(sleeping);
  await container.up();
  succeeded(t, await container.kill('9', { flags: ['--all'] }));
  await container.waitFor('stopped');
});

test('a created container can be killed', async (t, box) => {
  const container = box.container(sleeping);
  succeeded(t, await container.create());
  succeeded(t, await container.kill('KILL'));
  await container.waitFor('stopped');
  succeeded(t, await container.delete());
});

test(
  'a stopped container cannot',
  async (t, box) => {
    const container = box.container();
    await container.up();
    await container.waitFor('stopped');
    failed(t, await container.kill('KILL'), /container not running/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'but --all is no error, as engines use it at the end',
  async (t, box) => {
    const container = box.container();
    await container.up();
    await container.waitFor('stopped');
    for (const signal of ['KILL', 'TERM', '0']) {
      const result = await container.kill(signal, { flags: ['--all'] });
      succeeded(t, result);
      t.equal(result.stderr, '');
    }
    succeeded(t, await container.delete());
    failed(t, await container.kill('KILL', { flags: ['--all'] }), /does not exist/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'nor one that does not exist',
  async (t, box) => {
    failed(t, await box.runtime(['kill', box.name, 'KILL']), /does not exist/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'an unknown signal is an error, and nothing is sent',
  async (t, box) => {
    const container = box.container(sleeping);
    await container.up();
    for (const signal of ['SIGNONE', '-1', '999']) failed(t, await container.kill(signal));
    t.equal((await container.state()).status, 'running');
  },
  { knownDifferences: { 'crun 1.8': 'takes it for 0' } },
);

test('signal 0 only asks', async (t, box) => {
  const container = box.container(sleeping);
  await container.up();
  succeeded(t, await container.kill('0'));
  t.equal((await container.state()).status, 'running');
});

test('KILL ends every process of the container, even in the host pid namespace', async (t, box) => {
  const container = box.container((config) => {
    config.linux.namespaces = config.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
    config.process.args = shell('sleep 61 & echo $! > /child; sleep 60');
  });
  await container.up();
  const child = (await container.waitForFile('child')).trim();
  t.ok(existsSync(`/proc/${child}`), 'its pid is a host pid');
  succeeded(t, await container.kill('KILL', { flags: ['--all'] }));
  await container.waitFor('stopped');
  succeeded(t, await container.delete());
  t.same(await box.leftovers(), []);
});

test('a stopped (SIGSTOP) program is killed, and the runtime does not hang', async (t, box) => {
  const container = box.container(sleeping);
  await container.up();
  const { pid } = await container.state();
  spawnSync('kill', ['-STOP', String(pid)]);
  succeeded(t, await container.kill('KILL'));
  await container.waitFor('stopped');
});

test('--all reaches processes that are created meanwhile', async (t, box) => {
  const container = box.container((config) => {
    config.linux.namespaces = config.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
    config.process.args = shell('f() { while :; do sleep 0.01 & done; }; f & f & echo up > /up; while :; do sleep 1; done');
    config.linux.resources = { pids: { limit: 40 } };
  });
  await container.up();
  await container.waitForFile('up');
  const begin = performance.now();
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.ok(performance.now() - begin < 5000, 'without waiting for its timeout');
  t.same(await box.leftovers(), []);
});

test(
  'kill and delete with --regex: all that match, and no others',
  async (t, box) => {
    const containers = [box.container(sleeping), box.container(sleeping), box.container(sleeping, { id: 'other' })];
    for (const container of containers) await container.up();
    const statuses = async (): Promise<string[]> =>
      (JSON.parse((await box.runtime(['list', '-f', 'json'])).stdout) as { status: string }[]).map(({ status }) => status);
    succeeded(t, await box.runtime(['kill', '--regex', '^pkr-case-', 'KILL']));
    await containers[1]?.waitFor('stopped');
    t.same((await statuses()).sort(), ['running', 'stopped', 'stopped']);
    succeeded(t, await box.runtime(['delete', '--regex', '^pkr-case-']));
    t.same(await statuses(), ['running']);
    failed(t, await box.runtime(['kill', '--regex', '(', 'KILL']));
    succeeded(t, await box.runtime(['delete', '--force', '-r', '.']));
    t.same(await statuses(), []);
  },
  { knownDifferences: { crun: 'exits with another code', runc: 'has no --regex' } },
);

test(
  '--regex reports every failure, and continues',
  async (t, box) => {
    const containers = [box.container(), box.container(sleeping), box.container(), box.container(sleeping)];
    for (const container of containers) await container.up();
    await containers[0]!.waitFor('stopped');
    await containers[2]!.waitFor('stopped');
    const stopped = [containers[0]!.id, containers[2]!.id];
    const log = box.path('log.json');
    const globals = ['--log', log, '--log-format', 'json', '--log-level', 'error'];
    const killed = await box.runtime([...globals, 'kill', '--regex', '^pkr-case-', 'KILL']);
    t.equal(killed.code, 1);
    for (const id of stopped) t.match(killed.stderr, `${id}: container not running`);
    const records = readFileSync(log, 'utf8').trim().split('\n');
    t.same(
      records.map((line) => (JSON.parse(line) as { msg: string }).msg).sort(),
      stopped.map((id) => `${id}: container not running`).sort(),
    );
    for (const index of [1, 3]) await containers[index]!.waitFor('stopped');
    succeeded(t, await box.runtime(['delete', '--regex', '^pkr-case-']));

    for (const container of containers) succeeded(t, await container.create());
    const deleted = await box.runtime(['delete', '--regex', '^pkr-case-']);
    t.equal(deleted.code, 1);
    for (const { id } of containers) t.match(deleted.stderr, `cannot delete container ${id} that is not stopped`);
  },
  { oursOnly: true },
);

test(
  '--regex with a --root that does not exist',
  async (t, box) => {
    failed(t, await box.runtime(['kill', '--regex', '.']), /cannot list containers/);
    failed(t, await box.runtime(['delete', '--regex', '.']), /cannot list containers/);
  },
  { oursOnly: true },
);
