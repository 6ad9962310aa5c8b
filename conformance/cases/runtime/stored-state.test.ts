// state.json of older and newer versions, of other programs, and damaged: older ones work, and nobody loses what is not ours.
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import { cgroupDirectory } from '../../harness/machine/cgroup.js';
import type { Container } from '../../harness/container.js';

const stateFile = (box: Box, { id }: Container): string => join(box.stateRoot, id, 'state.json');

/** Rewrites a container's record; returns what it was before. */
function rewrite(box: Box, container: Container, change: (record: Record<string, unknown>) => unknown): string {
  const file = stateFile(box, container);
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, JSON.stringify(change(JSON.parse(before) as Record<string, unknown>)));
  return before;
}

/** As the third version wrote it, of which nothing has changed its name since. */
function asThirdVersion(record: Record<string, unknown>): Record<string, unknown> {
  return { ...record, version: 3 };
}

/** As the second version wrote it, which had another name for the start steps. */
function asSecondVersion({ startSteps, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return { ...rest, version: 2, late: startSteps };
}

/** As the first version wrote it, which knew less. */
function asFirstVersion(record: Record<string, unknown>): Record<string, unknown> {
  const { unit: _u, rdt: _r, noNewKeyring: _n, seccompListener: _s, ...rest } = asSecondVersion(record);
  const cgroups = (record['cgroups'] as Record<string, unknown>[]).map(({ controller: _c, ...entry }) => entry);
  return { ...rest, version: 1, cgroups };
}

for (const [version, older] of Object.entries({ first: asFirstVersion, second: asSecondVersion, third: asThirdVersion })) {
  test(
    `a container of the ${version} version keeps running, is entered, limited, killed and deleted`,
    async (t, box) => {
      const container = await box.running();
      const before = await container.state();
      rewrite(box, container, older);
      t.same(await container.state(), before);
      succeeded(t, await container.verb('exec', {}, ['true']));
      succeeded(t, await container.verb('update', { flags: ['--pids-limit', '50'] }));
      succeeded(t, await container.verb('pause'));
      succeeded(t, await container.verb('resume'));
      succeeded(t, await container.kill());
      await container.waitFor('stopped');
      succeeded(t, await container.delete());
      t.same(await box.leftovers(), []);
    },
    { oursOnly: true },
  );

  test(
    `one that the ${version} version created is started`,
    async (t, box) => {
      const container = box.container();
      succeeded(t, await container.create());
      rewrite(box, container, older);
      succeeded(t, await container.start());
      await container.waitFor('stopped');
      succeeded(t, await container.delete());
    },
    { oursOnly: true },
  );
}

const others: Record<string, (record: Record<string, unknown>) => unknown> = {
  'a newer version': (record) => ({ ...record, version: 99, init: 'in another file' }),
  'another program': ({ id }) => ({ id, init_process_pid: 1, config: {}, cgroup_paths: {} }),
};
for (const [whose, change] of Object.entries(others)) {
  test(
    `a container of ${whose} is refused by every command, even delete --force, and nothing of it is lost`,
    async (t, box) => {
      const container = await box.running();
      const { pid = 0 } = await container.state();
      const before = rewrite(box, container, change);
      const words = new RegExp(`${container.id}.*${whose}`);
      for (const verb of ['state', 'start', 'kill', 'pause', 'ps', 'delete', 'create'] as const) {
        const flags = verb === 'create' ? ['--bundle', container.bundle] : [];
        failed(t, await container.verb(verb, { flags }), words);
      }
      failed(t, await container.delete({ flags: ['--force'] }), words);
      const listed = await box.runtime(['list', '--quiet']);
      succeeded(t, listed);
      t.equal(listed.stdout, '');
      t.match(listed.stderr, words, 'list says what it leaves out');
      t.ok(existsSync(`/proc/${pid}`), 'its process keeps running');
      writeFileSync(stateFile(box, container), before);
      t.equal((await container.state()).pid, pid);
    },
    { oursOnly: true },
  );
}

test(
  'a broken record: delete refuses, delete --force removes the directory and says what it cannot remove',
  async (t, box) => {
    const container = await box.running();
    const { pid = 0 } = await container.state();
    const file = stateFile(box, container);
    const before = readFileSync(file);
    truncateSync(file, 100);
    for (const verb of ['state', 'delete', 'kill'] as const) failed(t, await container.verb(verb), /state\.json is not JSON/);
    const deleted = await container.delete({ flags: ['--force'] });
    succeeded(t, deleted);
    t.match(deleted.stderr, /only its state directory was removed.*processes, cgroups and mounts.*not known/);
    t.ok(deleted.stderr.includes(container.cgroupsPath), 'and where to look');
    t.ok(existsSync(`/proc/${pid}`), 'which is true');
    t.ok(existsSync(cgroupDirectory('pids', container.cgroupsPath) ?? ''));
    t.notOk(existsSync(join(box.stateRoot, container.id)));
    // With its record, it can be deleted after all.
    mkdirSync(join(box.stateRoot, container.id));
    writeFileSync(file, before);
    succeeded(t, await container.delete({ flags: ['--force'] }));
  },
  { oursOnly: true },
);

test(
  'a process of this boot is never taken for that of a container of an earlier one',
  async (t, box) => {
    const container = await box.running();
    const before = await container.state();
    const [record = '', config = ''] = ['state.json', 'config.json'].map((name) =>
      readFileSync(join(box.stateRoot, container.id, name), 'utf8'),
    );
    rewrite(box, container, (record) => ({ ...record, boot: 'a6b2cd4b-2b19-4c08-9f3c-0d1a52b3f4e5' }));
    t.equal((await container.state()).status, 'stopped');
    failed(t, await container.kill(), /not running|stopped/);
    t.ok(existsSync(`/proc/${before.pid}`), 'the process is not signalled');
    // Another container may have been given the same path since.
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.ok(existsSync(`/proc/${before.pid}`), 'nor is what is in its cgroup now');
    mkdirSync(join(box.stateRoot, container.id));
    writeFileSync(join(box.stateRoot, container.id, 'state.json'), record);
    writeFileSync(join(box.stateRoot, container.id, 'config.json'), config);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    rewrite(box, container, (record) => ({ ...record, boot }));
    t.same(await container.state(), before);
  },
  { oursOnly: true },
);
