// A hostile image: links in it that lead to the host are followed inside the root, or refused, but never lead to the host.
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';

/** A host directory with one file, and a check that it stays exactly so. */
function victim(box: Box): { path: string; untouched: () => boolean } {
  const path = box.path('victim');
  mkdirSync(path);
  writeFileSync(join(path, 'file'), 'untouched\n', { mode: 0o600 });
  return {
    path,
    untouched: () => readdirSync(path).join() === 'file' && readFileSync(join(path, 'file'), 'utf8') === 'untouched\n',
  };
}

function replace(container: Container, path: string, target: string): void {
  rmSync(join(container.rootfs, path), { recursive: true, force: true });
  symlinkSync(target, join(container.rootfs, path));
}

for (const type of ['tmpfs', 'bind'] as const) {
  test(`a ${type} mount below a link to the host (CVE-2019-18837)`, async (t, box) => {
    const host = victim(box);
    const source = box.path('source');
    mkdirSync(source);
    const container = box.container((config) => {
      const mount = {
        destination: '/tmp/inner',
        type,
        source: type === 'bind' ? source : 'tmpfs',
        options: type === 'bind' ? ['bind'] : [],
      };
      config.mounts.push(mount);
      config.process.args = shell('grep -c inner /proc/self/mountinfo');
    });
    replace(container, 'tmp', host.path);
    const result = await container.run();
    t.ok(host.untouched());
    if (result.code === 0) t.equal(result.stdout, '1\n', 'it is mounted inside');
    else failed(t, result);
  });
}

for (const name of ['proc', 'sys']) {
  test(`/${name} is a link (CVE-2019-19921, CVE-2023-27561, CVE-2023-28642, CVE-2025-54867)`, async (t, box) => {
    const host = victim(box);
    for (const target of [host.path, '/tmp', 'tmp', '/root/../tmp']) {
      const container =
        box.containers[0] ??
        box.container((config) => {
          if (name === 'sys') config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs' });
        });
      replace(container, name, target);
      failed(t, await container.create(), /ordinary directory|not a directory|link/i);
    }
    t.ok(host.untouched());
    t.same(await box.leftovers(), []);
  });
}

test(
  '/proc is a volume with forged files (CVE-2019-16884)',
  async (t, box) => {
    const fake = box.path('fake');
    mkdirSync(join(fake, 'self/attr'), { recursive: true });
    writeFileSync(join(fake, 'self/attr/exec'), '');
    const container = box.container((config) => {
      config.mounts[0] = { destination: '/proc', type: 'bind', source: fake, options: ['rbind'] };
    });
    failed(t, await container.create(), /proc/);
    t.equal(readFileSync(join(fake, 'self/attr/exec'), 'utf8'), '');
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'writes its labels there anyway' } },
);

test('a missing working directory below a link to the host (CVE-2025-24965 class)', async (t, box) => {
  const host = victim(box);
  const container = box.container((config) => {
    config.process.cwd = '/work/new';
  });
  replace(container, 'work', host.path);
  await container.run();
  t.ok(host.untouched());
});

test('a device below a link to the host', async (t, box) => {
  const host = victim(box);
  const container = box.container((config) => {
    config.linux.devices = [{ path: '/link/device', type: 'c', major: 1, minor: 3, fileMode: 0o666 }];
  });
  replace(container, 'link', host.path);
  await container.run();
  t.ok(host.untouched());
});

test('masked and read-only paths that are links to the host', async (t, box) => {
  const host = victim(box);
  const container = box.container((config) => {
    config.linux.maskedPaths = ['/masked/file'];
    config.linux.readonlyPaths = ['/fixed'];
  });
  replace(container, 'masked', host.path);
  replace(container, 'fixed', host.path);
  await container.run();
  t.ok(host.untouched());
  t.notMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(box.name));
});

test("the image's passwd file is a link to the host", async (t, box) => {
  const container = box.container((config) => {
    config.process.user = { uid: 0, gid: 0 };
    config.process.args = shell('echo $HOME');
  });
  writeFileSync(box.path('passwd'), 'root:x:0:0::/home/of/the/host:/bin/sh\n');
  replace(container, 'etc/passwd', box.path('passwd'));
  t.notMatch((await container.run()).stdout, /of.the.host/);
});

test(
  'a program that is a link to the host',
  async (t, box) => {
    writeFileSync(box.path('outside.sh'), '#!/bin/sh\necho from the host\n', { mode: 0o755 });
    const container = box.container((config) => {
      config.process.args = ['/bin/link'];
    });
    replace(container, 'bin/link', box.path('outside.sh'));
    failed(t, await container.create(), /no such file/);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test('mounts with dots in their destination stay inside', async (t, box) => {
  const host = victim(box);
  const container = box.container((config) => {
    config.mounts.push({ destination: `/../../../../..${host.path}/new`, type: 'tmpfs', source: 'tmpfs' });
    config.process.args = ['cat', '/proc/self/mountinfo'];
  });
  const result = await container.run();
  t.ok(host.untouched());
  succeeded(t, result);
  t.match(result.stdout, new RegExp(` ${host.path}/new `), 'below the root of the container');
});
