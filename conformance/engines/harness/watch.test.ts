// Proves that leftovers of an engine or a runtime are noticed: each kind is left here on purpose.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hierarchies } from '../../harness/machine/cgroup.js';
import { Site } from './site.js';

const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'needs root';

/** What closing a site reports after `leave` did something in it. */
async function reported(leave: (site: Site) => unknown): Promise<string[]> {
  const site = new Site('left', { label: 'none', path: '/bin/false' });
  await leave(site);
  return (await site.close({}, 300)).map((line) => line.replaceAll(site.name, 'NAME'));
}

t.test('an empty site leaves nothing', async (t) => {
  t.same(await reported(() => undefined), []);
});

t.test('a daemon ends with the site', async (t) => {
  let pid = 0;
  const start = async (site: Site): Promise<void> => {
    const daemon = await site.daemon('/bin/sleep', ['60'], { ready: () => Promise.resolve(true) });
    pid = daemon.pid;
    t.ok(existsSync(`/proc/${pid}`));
  };
  t.same(await reported(start), []);
  t.notOk(existsSync(`/proc/${pid}`));
});

t.test('a daemon that ends at once is an error with its last words', async (t) => {
  const site = new Site('left', { label: 'none', path: '/bin/false' });
  const start = site.daemon('/bin/sh', ['-c', 'echo no luck; exit 1'], { ready: () => Promise.resolve(false) });
  await t.rejects(start, /ended at once:\nno luck/);
  t.same(await site.close({}, 300), []);
});

t.test('a process', async (t) => {
  const orphan = (site: Site): unknown => spawnSync('sh', ['-c', `sh -c 'sleep 30; true' ${site.name} &`], { stdio: 'ignore' });
  t.match((await reported(orphan))[0], /^process \d+: .*NAME/);
});

t.test('a mount, unless it is known to be the daemon’s', { skip }, async (t) => {
  const mount = (site: Site): void => {
    mkdirSync(site.path('data'));
    spawnSync('mount', ['-t', 'tmpfs', 'none', site.path('data')]);
  };
  // Anyone who makes a mount namespace at this moment also gets a copy, and is reported as a process.
  t.match(
    (await reported(mount)).filter((line) => line.startsWith('mount ')),
    [/^mount .*NAME\/data$/],
  );
  const site = new Site('left', { label: 'none', path: '/bin/false' });
  mount(site);
  t.same(await site.close({ mounts: ['data'] }, 300), []);
});

t.test('a container’s cgroup, but not the empty one around it', { skip: skip || hierarchies.length === 0 }, async (t) => {
  const parent = (site: Site): string => join(hierarchies[0]!.path, site.name);
  t.same(await reported((site) => mkdirSync(parent(site))), []);
  const left = await reported((site) => mkdirSync(join(parent(site), 'container'), { recursive: true }));
  t.match(left.join('\n'), /^cgroup .*NAME\/container$/m);
});

t.test('state in a directory that all share', { skip }, async (t) => {
  const directory = '/run/pocker-runc';
  const before = existsSync(directory);
  const leave = (site: Site): void => {
    mkdirSync(join(directory, `of-${site.name}`), { recursive: true });
    writeFileSync(join(directory, `of-${site.name}`, 'state.json'), '{}');
  };
  t.same(await reported(leave), [`state ${directory}/of-NAME`]);
  const inFile = (site: Site): void => {
    mkdirSync(join(directory, `test-${process.pid}`), { recursive: true });
    writeFileSync(join(directory, `test-${process.pid}`, 'state.json'), JSON.stringify({ bundle: site.path('bundle') }));
  };
  t.same(await reported(inFile), [`state ${directory}/test-${process.pid}`]);
  t.notOk(existsSync(join(directory, `test-${process.pid}`)), 'and removed');
  if (!before) rmSync(directory, { recursive: true, force: true });
});
