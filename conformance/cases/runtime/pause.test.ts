// pause and resume: observed in the process, which counts only while it may run.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import { type Config, shell } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';

async function counting(box: Box, change: (config: Config) => void = () => undefined): Promise<Container> {
  const container = box.container((config) => {
    config.process.args = shell('n=0; while :; do n=$((n+1)); echo $n > /count; done');
    change(config);
  });
  await container.up();
  await container.waitForFile('count');
  return container;
}

/** A process's CPU time so far: it grows whenever the process runs. */
function ticks(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).join(' ') ?? '';
}

async function stands(pid: number): Promise<boolean> {
  const before = ticks(pid);
  await sleep(200);
  return ticks(pid) === before;
}

async function runs(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 25; tries += 1) if (!(await stands(pid))) return true;
  return false;
}

test('a paused container stands still, a resumed one continues', async (t, box) => {
  const container = await counting(box);
  const { pid = 0 } = await container.state();
  succeeded(t, await container.verb('pause'));
  t.equal((await container.state()).status, 'paused');
  t.ok(await stands(pid));
  const listed = JSON.parse((await box.runtime(['list', '-f', 'json'])).stdout) as { status: string }[];
  t.same(
    listed.map(({ status }) => status),
    ['paused'],
  );
  succeeded(t, await container.verb('resume'));
  t.equal((await container.state()).status, 'running');
  t.ok(await runs(pid));
});

test('with all of its processes', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('for i in 1 2 3 4; do while :; do :; done & done; echo up > /up; wait');
  });
  await container.up();
  await container.waitForFile('up');
  succeeded(t, await container.verb('pause'));
  const pids = JSON.parse((await container.verb('ps', { flags: ['-f', 'json'] })).stdout) as number[];
  t.equal(pids.length, 5);
  t.same(await Promise.all(pids.map(stands)), [true, true, true, true, true]);
});

test(
  'a created container: paused, resumed and started',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    await container.create();
    succeeded(t, await container.verb('pause'));
    t.equal((await container.state()).status, 'paused');
    failed(t, await container.start(), /paused/);
    succeeded(t, await container.verb('resume'));
    t.equal((await container.state()).status, 'created');
    succeeded(t, await container.start());
  },
  { knownDifferences: { crun: 'starts a paused container' } },
);

test(
  "errors use runc's words",
  async (t, box) => {
    const container = await counting(box);
    failed(t, await container.verb('resume'), /container not paused/);
    succeeded(t, await container.verb('pause'));
    failed(t, await container.verb('pause'), /container not running/);
    const result = await container.verb('exec', {}, ['true']);
    t.equal(result.code, 255);
    t.match(result.stderr, /cannot exec in a paused container \(use --ignore-paused to override\)/);
    await container.kill();
    await container.waitFor('stopped');
    failed(t, await container.verb('pause'), /container not running/);
    failed(t, await container.verb('resume'), /container not paused/);
    failed(t, await box.runtime(['pause', `${box.name}-none`]), /does not exist/);
    failed(t, await box.runtime(['resume', `${box.name}-none`]), /does not exist/);
  },
  { knownDifferences: { crun: 'pauses a paused container and resumes a running one' } },
);

test(
  'KILL ends a paused container',
  async (t, box) => {
    const container = await counting(box);
    succeeded(t, await container.verb('pause'));
    succeeded(t, await container.kill('9'));
    await container.waitFor('stopped', 3000);
    succeeded(t, await container.delete());
  },
  { knownDifferences: { crun: 'waits until it is resumed' } },
);

test('TERM waits until it is resumed', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell("trap 'exit 3' TERM; echo up > /up; while :; do :; done");
  });
  await container.up();
  await container.waitForFile('up');
  succeeded(t, await container.verb('pause'));
  succeeded(t, await container.kill('TERM'));
  t.equal((await container.state()).status, 'paused');
  succeeded(t, await container.verb('resume'));
  await container.waitFor('stopped');
});

for (const shared of [false, true]) {
  test(
    `delete --force of a paused container${shared ? ' with the pid namespace of the host' : ''}`,
    async (t, box) => {
      const container = await counting(box, (config) => {
        config.process.args = shell('while :; do :; done & n=0; while :; do n=$((n+1)); echo $n > /count; done');
        if (shared) config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
      });
      succeeded(t, await container.verb('pause'));
      const result = await container.delete({ flags: ['--force'] });
      succeeded(t, result);
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: { 'runc 1.5': 'waits in vain for a frozen container in the host pid namespace' } },
  );
}

test(
  'exec --ignore-paused begins when the container is resumed',
  async (t, box) => {
    const container = await counting(box);
    succeeded(t, await container.verb('pause'));
    const running = box.runtime(['exec', '--ignore-paused', container.id, 'echo', 'there']);
    await sleep(300);
    t.equal((await container.state()).status, 'paused');
    succeeded(t, await container.verb('resume'));
    const result = await running;
    succeeded(t, result);
    t.equal(result.stdout, 'there\n');
  },
  { knownDifferences: { crun: 'has no such flag' } },
);
