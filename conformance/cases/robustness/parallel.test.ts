// Simultaneous commands: on one container they lock each other out; on several they do not interfere.
import { mkdirSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, shell } from '../../harness/config.js';

const sleeping = (config: Config): void => {
  config.process.args = ['sleep', '60'];
};

test('eight containers at once', async (t, box) => {
  const containers = Array.from({ length: 8 }, (_value, index) =>
    box.container((config) => {
      config.process.args = shell(`echo ${index}; sleep 0.1`);
    }),
  );
  const results = await Promise.all(containers.map((container) => container.run()));
  results.forEach((result, index) => {
    succeeded(t, result);
    t.equal(result.stdout, `${index}\n`);
  });
  t.same(await box.leftovers(), []);
});

test(
  'several simultaneous creates with one id: one wins',
  async (t, box) => {
    const container = box.container(sleeping);
    const results = await Promise.all(Array.from({ length: 5 }, () => container.create()));
    const won = results.filter((result) => result.code === 0);
    t.equal(won.length, 1);
    for (const result of results) if (result.code !== 0) failed(t, result);
    t.equal((await container.state()).status, 'created');
    succeeded(t, await container.start());
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'runc 1.1': 'does not lock the id' } },
);

test(
  'several simultaneous starts: one wins',
  async (t, box) => {
    const container = box.container(sleeping);
    succeeded(t, await container.create());
    const results = await Promise.all(Array.from({ length: 5 }, () => container.start()));
    t.equal(results.filter((result) => result.code === 0).length, 1);
    t.equal((await container.state()).status, 'running');
  },
  { knownDifferences: { 'runc 1.1': 'reports success to more than one' } },
);

test(
  'several simultaneous delete --force',
  async (t, box) => {
    const container = box.container(sleeping);
    await container.up();
    const results = await Promise.all(Array.from({ length: 5 }, () => container.delete({ flags: ['--force'] })));
    for (const result of results) succeeded(t, result);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'does not lock the container' } },
);

test(
  'state and list while containers come and go',
  async (t, box) => {
    const container = box.container();
    mkdirSync(box.stateRoot, { recursive: true });
    const coming = (async () => {
      for (let round = 0; round < 5; round++) await container.run();
    })();
    for (let round = 0; round < 20; round++) {
      const listed = await box.runtime(['list', '--format', 'json']);
      if (listed.code !== 0) t.fail('list fails', { stderr: listed.stderr });
      const state = await box.runtime(['state', container.id]);
      if (state.code === 0)
        t.match((JSON.parse(state.stdout) as { status: string }).status, /^(creating|created|running|stopped)$/);
      else t.match(state.stderr, /does not exist/);
    }
    await coming;
  },
  { knownDifferences: { crun: 'has other words' } },
);

test('kill and delete of a program that is just ending', async (t, box) => {
  for (let round = 0; round < 8; round++) {
    const container = box.container((config) => {
      config.process.args = shell('exit 0');
    });
    await container.up();
    await container.kill();
    succeeded(t, await container.delete({ flags: ['--force'] }));
  }
  t.same(await box.leftovers(), []);
});
