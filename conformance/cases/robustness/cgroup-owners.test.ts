// Who owns a cgroup: creates that want the same one, or share its parents, at the same time.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { failed, succeeded, test, type Tap } from '../../harness/case.js';
import { cgroupDirectory, cgroupsNamed, readCgroup } from '../../harness/machine/cgroup.js';
import type { Box } from '../../harness/box.js';
import type { Config } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';

const sleepingIn =
  (cgroupsPath: string) =>
  (config: Config): void => {
    config.process.args = ['sleep', '60'];
    config.linux.cgroupsPath = cgroupsPath;
    config.linux.resources = { pids: { limit: 50 } };
  };

const sharing = (box: Box, count: number, path: (index: number) => string): Container[] =>
  Array.from({ length: count }, (_, index) => box.container(sleepingIn(path(index))));

/** The processes in the cgroup, one per line. */
const inside = (path: string): string => readCgroup('pids', path, 'cgroup.procs') ?? 'no cgroup';

/** All at once; returns the one that succeeded. */
async function contend(t: Tap, containers: readonly Container[]): Promise<Container | undefined> {
  const results = await Promise.all(containers.map((container) => container.create()));
  const winners = containers.filter((_, index) => results[index]!.code === 0);
  t.equal(winners.length, 1, 'one of them succeeds', { results: results.map(({ code, stderr }) => ({ code, stderr })) });
  for (const result of results.filter(({ code }) => code !== 0)) failed(t, result, /container's cgroup is/);
  return winners[0];
}

async function assertUnharmed(t: Tap, winner: Container): Promise<void> {
  const { pid } = await winner.state();
  succeeded(t, await winner.start());
  t.equal((await winner.state()).status, 'running');
  t.equal(inside(winner.cgroupsPath), String(pid), 'it has the cgroup to itself');
  t.equal(readCgroup('pids', winner.cgroupsPath, 'pids.max'), '50', 'with its limits');
  succeeded(t, await winner.delete({ flags: ['--force'] }));
}

const together = { knownDifferences: { runc: 'accepts several, or none', crun: 'accepts all of them' } };

test(
  'many creates with one cgroupsPath',
  async (t, box) => {
    const containers = sharing(box, 8, () => `/${box.name}`);
    for (let round = 0; round < 5; round++) {
      const winner = await contend(t, containers);
      if (winner === undefined) return;
      await assertUnharmed(t, winner);
      t.same(await box.leftovers(), []);
    }
  },
  together,
);

test(
  'many creates with one cgroupsPath that already exists',
  async (t, box) => {
    const path = `/${box.name}`;
    const directory = cgroupDirectory('pids', path)!;
    const containers = sharing(box, 6, () => path);
    for (let round = 0; round < 3; round++) {
      mkdirSync(directory);
      const winner = await contend(t, containers);
      if (winner === undefined) return;
      await assertUnharmed(t, winner);
      t.same(await box.leftovers(), []);
    }
  },
  together,
);

test(
  'cgroups that share new parents',
  async (t, box) => {
    const containers = sharing(box, 8, (index) => `/${box.name}/pod${index % 2}/c${index}`);
    const life = async (container: Container, rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        succeeded(t, await container.create());
        t.equal(inside(container.cgroupsPath), String((await container.state()).pid));
        succeeded(t, await container.delete({ flags: ['--force'] }));
      }
    };
    await Promise.all(containers.map((container) => life(container, 4)));
    t.same(await box.leftovers(), [], 'the parents are removed with the last one');
  },
  { knownDifferences: { runc: 'leaves the parents', crun: 'leaves the parents' } },
);

test(
  'a parent is removed with the last container below it, whoever made it; one that existed before stays',
  async (t, box) => {
    const [first, second] = sharing(box, 2, (index) => `/${box.name}/pod/c${index}`) as [Container, Container];
    await first.up();
    await second.up();
    succeeded(t, await first.delete({ flags: ['--force'] }));
    t.equal((await second.state()).status, 'running');
    succeeded(t, await second.delete({ flags: ['--force'] }));
    t.same(cgroupsNamed(box.name), []);

    const own = cgroupDirectory('pids', `/${box.name}`)!;
    mkdirSync(own);
    await first.up();
    succeeded(t, await first.delete({ flags: ['--force'] }));
    t.same(cgroupsNamed(box.name), [own]);
    box.atEnd(() => box.command('rmdir', [own]));
  },
  { knownDifferences: { runc: 'leaves the parents', crun: 'leaves the parents' } },
);

test(
  'create in the cgroup of a running container',
  async (t, box) => {
    const [first, second] = sharing(box, 2, () => `/${box.name}`) as [Container, Container];
    await first.up();
    failed(t, await second.create(), /container's cgroup is not empty/);
    t.equal((await first.state()).status, 'running');
    t.equal(inside(first.cgroupsPath), String((await first.state()).pid));
  },
  { knownDifferences: { 'runc 1.1': 'warns only', crun: 'puts it there, too' } },
);

test(
  'create in the cgroup of a container that has ended, but is not deleted',
  async (t, box) => {
    const [first, second] = sharing(box, 2, () => `/${box.name}`) as [Container, Container];
    await first.up();
    await first.kill();
    await first.waitFor('stopped');
    failed(t, await second.create(), /container's cgroup is another container's/);
    succeeded(t, await first.delete());
    succeeded(t, await second.create());
  },
  { oursOnly: true },
);

test(
  "cleaning up after a create that was killed before it made its cgroups, in another's place",
  async (t, box) => {
    const [winner, killed] = sharing(box, 2, () => `/${box.name}`) as [Container, Container];
    await winner.up();
    const record = JSON.parse(readFileSync(`${box.stateRoot}/${winner.id}/state.json`, 'utf8')) as object;
    const creator = { pid: 4_194_303, startTime: 1 };
    const remains = { ...record, id: killed.id, status: 'creating', init: null, creator };
    for (const clear of ['delete', 'create'] as const) {
      mkdirSync(`${box.stateRoot}/${killed.id}`);
      writeFileSync(`${box.stateRoot}/${killed.id}/state.json`, JSON.stringify(remains));
      const result = await killed[clear](clear === 'delete' ? { flags: ['--force'] } : {});
      if (clear === 'delete') succeeded(t, result);
      else failed(t, result, /container's cgroup is not empty/);
      t.equal((await winner.state()).status, 'running');
      t.equal(inside(winner.cgroupsPath), String((await winner.state()).pid));
    }
  },
  { oursOnly: true },
);
