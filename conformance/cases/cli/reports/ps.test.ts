// ps: the container's processes, and nothing else, on standard output and standard error together.
import { failed, succeeded, test } from '../../../harness/case.js';
import type { Box } from '../../../harness/box.js';
import { shell } from '../../../harness/config.js';
import type { Container } from '../../../harness/container.js';

async function two(box: Box): Promise<Container> {
  const container = box.container((config) => {
    config.process.args = shell('sleep 61 & echo up > /up; sleep 62; true');
  });
  await container.up();
  await container.waitForFile('up');
  return container;
}

test(
  '--format json: an array of host pids, and nothing else',
  async (t, box) => {
    const container = await two(box);
    const { pid = 0 } = await container.state();
    for (const flags of [['--format', 'json'], ['-f=json'], ['-format', 'json']]) {
      const result = await container.verb('ps', { flags });
      succeeded(t, result);
      const pids = JSON.parse(result.stdout) as number[];
      t.equal(pids.length, 3);
      t.ok(pids.includes(pid));
      t.equal(result.stderr, '');
    }
  },
  { knownDifferences: { 'crun 1.8': 'takes the equals sign as part of the value' } },
);

test('what exec started is one of them', async (t, box) => {
  const container = await two(box);
  succeeded(t, await box.runtime(['exec', '-d', '--pid-file', box.path('pid'), container.id, 'sleep', '50']));
  const before = JSON.parse((await container.verb('ps', { flags: ['-f', 'json'] })).stdout) as number[];
  t.equal(before.length, 4);
});

test(
  'a table as ps -ef prints it',
  async (t, box) => {
    const container = await two(box);
    const result = await container.verb('ps');
    succeeded(t, result);
    const [heading, ...lines] = result.stdout.trimEnd().split('\n');
    t.match(heading, /^UID +PID +PPID/);
    t.equal(lines.length, 3);
    t.match(result.stdout, /sleep 61/);
  },
  { knownDifferences: { crun: 'has pids alone' } },
);

test(
  'options of ps',
  async (t, box) => {
    const container = await two(box);
    const result = await container.verb('ps', {}, ['-A', '-o', 'pid,args']);
    succeeded(t, result);
    t.match(result.stdout, /^ +PID COMMAND\n/);
    t.equal(result.stdout.trimEnd().split('\n').length, 4);
    failed(t, await container.verb('ps', {}, ['-A', '-o', 'args']), /PID field/);
    failed(t, await container.verb('ps', {}, ['--no-such-option']));
  },
  { knownDifferences: { crun: 'has none' } },
);

test(
  'for a created, a stopped and a missing container',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    await container.create();
    const { pid = 0 } = await container.state();
    t.same(JSON.parse((await container.verb('ps', { flags: ['-f', 'json'] })).stdout), [pid]);
    await container.kill();
    await container.waitFor('stopped');
    const stopped = await container.verb('ps', { flags: ['-f', 'json'] });
    succeeded(t, stopped);
    t.match(stopped.stdout, /^(\[\]|null)\n$/);
    t.equal((await container.verb('ps')).stdout.trimEnd().split('\n').length, 1, 'only the heading');
    failed(t, await box.runtime(['ps', `${box.name}-none`]), /does not exist/);
    failed(t, await container.verb('ps', { flags: ['--format', 'xml'] }), /invalid/);
  },
  { knownDifferences: { 'crun 1.8': 'is killed by a signal' } },
);

test('options of ps(1), without settings for it in the environment', async (t, box) => {
  const container = await two(box);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'PS_FORMAT'));
  const result = await container.verb('ps', { env }, ['-e', '-x']);
  succeeded(t, result);
  t.match(result.stdout, /^\s*PID.*\n(.*sleep.*\n)+/);
});

test('the format of PS_FORMAT', async (t, box) => {
  const container = await two(box);
  const result = await container.verb('ps', { env: { ...process.env, PS_FORMAT: 'pid,comm' } }, ['-e']);
  succeeded(t, result);
  t.match(result.stdout, /^\s*PID COMMAND\n/);
});
