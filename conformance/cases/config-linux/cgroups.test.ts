// config-linux.md, "Control groups": where the container's cgroup is and who is in it. Limits: resources.test.ts.
import { existsSync, readFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { cgroupDirectory, cgroupsNamed, layout } from '../../harness/machine/cgroup.js';
import type { Config } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';

const sleeping = (config: Config): void => {
  config.process.args = ['sleep', '60'];
};

/** Where it is, from lines of proc(5); a v2 hierarchy that is not mounted does not count. */
async function places(container: Container): Promise<[line: string, path: string][]> {
  const text = readFileSync(`/proc/${(await container.state()).pid}/cgroup`, 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !(layout === 'v1' && line.startsWith('0::')));
  return lines.map((line) => [line, line.split(':')[2] ?? '']);
}

test('the container is in its cgroup, in every hierarchy', async (t, box) => {
  const container = box.container(sleeping);
  await container.up();
  for (const [line, path] of await places(container)) t.equal(path, container.cgroupsPath, line);
});

test('it is in it before the program runs', async (t, box) => {
  const container = box.container(sleeping);
  succeeded(t, await container.create());
  for (const [line, path] of await places(container)) t.equal(path, container.cgroupsPath, line);
});

test(
  'a path with several parts is made and removed',
  async (t, box) => {
    const container = box.container((config) => {
      sleeping(config);
      config.linux.cgroupsPath = `/${box.name}/one/two`;
    });
    await container.up();
    t.ok(existsSync(cgroupDirectory('pids', `/${box.name}/one/two`) ?? ''));
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.notOk(existsSync(cgroupDirectory('pids', `/${box.name}/one/two`) ?? ''));
  },
  { knownDifferences: { crun: 'leaves the parents that it made', runc: 'leaves the parents that it made' } },
);

test('a relative path always leads to the same place', async (t, box) => {
  const container = box.container((config) => {
    sleeping(config);
    config.linux.cgroupsPath = box.name;
  });
  await container.up();
  const [one] = readFileSync(`/proc/${(await container.state()).pid}/cgroup`, 'utf8').split('\n');
  t.match(one, new RegExp(`/${box.name}$`));
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.same(cgroupsNamed(box.name), []);
});

test("without a path, the cgroup has the container's name", async (t, box) => {
  const container = box.container((config) => {
    sleeping(config);
    delete config.linux.cgroupsPath;
  });
  await container.up();
  const [one] = readFileSync(`/proc/${(await container.state()).pid}/cgroup`, 'utf8').split('\n');
  t.match(one, new RegExp(container.id));
  succeeded(t, await container.delete({ flags: ['--force'] }));
  t.same(cgroupsNamed(box.name), []);
});

test(
  'a value that the kernel refuses fails create, and nothing is left',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.resources = { cpu: { cpus: '4095', mems: '0' } };
    });
    failed(t, await container.create(), /cpuset/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'crun 1.8': 'leaves its cgroup' } },
);

test(
  'a path that leads out of the cgroup filesystem is not followed',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.cgroupsPath = `/../../../../tmp/${box.name}-outside`;
    });
    await container.create();
    t.notOk(existsSync(`/tmp/${box.name}-outside`));
  },
  { knownDifferences: { 'crun 1.8': 'follows it' } },
);

test('two containers can use the same cgroup path only if the first is gone', async (t, box) => {
  const first = box.container(sleeping);
  await first.up();
  succeeded(t, await first.delete({ flags: ['--force'] }));
  const second = box.container((config) => {
    config.linux.cgroupsPath = first.cgroupsPath;
  });
  succeeded(t, await second.run());
});
