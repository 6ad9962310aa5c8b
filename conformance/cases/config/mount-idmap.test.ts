// config.md, "Mounts": idmap, ridmap, uidMappings and gidMappings, seen in the owners of files and of what is written.
import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { failed, test } from '../../harness/case.js';
import { type Config, type IdMapping, type Mount, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';

/** f_type of statfs(2): the cases' files must be on a filesystem that the kernel can map. */
const mappable = new Set([0xef53 /* ext4 */, 0x5846_5342 /* xfs */, 0x9123_683e /* btrfs */]);
const skip = mappable.has(statfsSync(tmpdir()).type) ? false : 'the temporary directory cannot be id-mapped';
const [major = 0, minor = 0] = release().split('.').map(Number);
const skipTmpfs = skip === false && major * 100 + minor < 603 ? 'tmpfs can be id-mapped since Linux 6.3' : skip;

const map = (containerID: number, hostID: number, size = 1000): IdMapping[] => [{ containerID, hostID, size }];

/** The container's user namespace: ids 0 to 65535 are the host's from 100000 on. */
function withUser(config: Config): void {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = map(0, 100_000, 65_536);
  config.linux.gidMappings = map(0, 200_000, 65_536);
}

/** A host directory that everybody may write to, containing a file of 1000:1001. */
function source(box: Box, name = 'source'): string {
  const path = box.path(name);
  mkdirSync(path, { mode: 0o777 });
  writeFileSync(join(path, 'file'), 'content\n');
  chownSync(join(path, 'file'), 1000, 1001);
  return path;
}

async function output(box: Box, mounts: Mount[], script: string, change: (config: Config) => void): Promise<string> {
  const container = box.container((config) => {
    config.mounts.push(...mounts);
    config.process.args = shell(script);
    change(config);
  });
  // A user namespace's root cannot make anything in a directory of the host's root.
  for (const { destination } of mounts) mkdirSync(join(container.rootfs, destination));
  const result = await container.run();
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  return result.stdout;
}

/** 1.2 has them: run `CONFORMANCE_STRICT=1 RUNTIME=…` to see. */
const old = { 'runc 1.1': 'has no id-mapped mounts' };
const owner = (path: string): string => `stat -c '%u %g' ${path}`;
const none = (): void => undefined;
const own = { uidMappings: map(1000, 5000), gidMappings: map(1001, 6000) };

for (const [place, change] of [
  ['without a user namespace', none],
  ['in a user namespace', withUser],
] as const) {
  test(
    `a bind mount has mappings of its own, ${place}`,
    async (t, box) => {
      const path = source(box);
      const shift = place === 'in a user namespace' ? 100_000 : 0;
      const mount = {
        destination: '/mnt',
        source: path,
        options: ['bind', 'idmap'],
        uidMappings: map(1000, 5000 + shift),
        gidMappings: map(1001, 6000 + 2 * shift),
      };
      t.equal(await output(box, [mount], owner('/mnt/file'), change), '5000 6000\n');
      t.equal(statSync(join(path, 'file')).uid, 1000, 'the file itself is unchanged');
    },
    { skip, knownDifferences: old },
  );
}

test(
  'the same maps for two mounts, other ones for a third, none for a fourth',
  async (t, box) => {
    const mounts = [own, own, { uidMappings: map(1000, 7, 1), gidMappings: map(1001, 8, 1) }, {}].map((mappings, index) => ({
      destination: `/m${index}`,
      source: source(box, `source${index}`),
      options: ['bind', ...(index === 3 ? [] : ['idmap'])],
      ...mappings,
    }));
    const script = mounts.map(({ destination }) => owner(`${destination}/file`)).join('; ');
    t.equal(await output(box, mounts, script, none), '5000 6000\n5000 6000\n7 8\n1000 1001\n');
  },
  { skip, knownDifferences: old },
);

test(
  'idmap without mappings uses those of the new user namespace',
  async (t, box) => {
    const path = source(box);
    const mount = { destination: '/mnt', source: path, options: ['bind', 'idmap'] };
    t.equal(await output(box, [mount], `${owner('/mnt/file')}; touch /mnt/new`, withUser), '1000 1001\n');
    t.match(statSync(join(path, 'new')), { uid: 0, gid: 0 }, "root's files are root's on the host");
  },
  { skip, knownDifferences: old },
);

test(
  'idmap without mappings uses those of a joined user namespace',
  async (t, box) => {
    const child = spawn('unshare', ['--user', 'sh', '-c', 'echo; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    box.atEnd(() => child.kill('SIGKILL'));
    await new Promise((done) => child.stdout.once('data', done));
    for (const file of ['uid_map', 'gid_map']) writeFileSync(`/proc/${child.pid}/${file}`, '0 300000 65536');
    const mount = { destination: '/mnt', source: source(box), options: ['bind', 'idmap'] };
    const text = await output(box, [mount], owner('/mnt/file'), (config) => {
      config.linux.namespaces.push({ type: 'user', path: `/proc/${child.pid}/ns/user` });
    });
    t.equal(text, '1000 1001\n');
  },
  { skip, knownDifferences: { 'runc 1.1': 'requires mappings in addition to the path', 'crun 1.8': 'does so, too' } },
);

test(
  'ridmap maps the mounts below, idmap does not',
  async (t, box) => {
    const path = source(box);
    mkdirSync(join(path, 'below'));
    await box.command('mount', ['-t', 'tmpfs', 'none', join(path, 'below')]);
    box.atEnd(() => box.command('umount', [join(path, 'below')]));
    writeFileSync(join(path, 'below/file'), '');
    chownSync(join(path, 'below/file'), 1000, 1001);
    const mounts = ['idmap', 'ridmap'].map((option) => ({
      destination: `/${option}`,
      source: path,
      options: ['rbind', option],
      ...own,
    }));
    const script = ['/idmap/file', '/idmap/below/file', '/ridmap/file', '/ridmap/below/file'].map(owner).join('; ');
    t.equal(await output(box, mounts, script, none), '5000 6000\n1000 1001\n5000 6000\n5000 6000\n');
  },
  { skip: skipTmpfs, knownDifferences: { ...old, crun: 'it has no ridmap' } },
);

test(
  'mappings without the option also map the mount',
  async (t, box) => {
    const mount = { destination: '/mnt', source: source(box), options: ['bind'], ...own };
    t.equal(await output(box, [mount], owner('/mnt/file'), none), '5000 6000\n');
  },
  { skip, knownDifferences: old },
);

test(
  'a new filesystem is mapped like a bind mount',
  async (t, box) => {
    const mount = { destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options: ['idmap', 'mode=777'] };
    const mappings = { uidMappings: map(0, 5000), gidMappings: map(0, 6000) };
    t.equal(await output(box, [{ ...mount, ...mappings }], owner('/mnt'), none), '5000 6000\n');
  },
  { skip: skipTmpfs, knownDifferences: { runc: 'bind mounts only', 'crun 1.8': 'maps no tmpfs' } },
);

test(
  'a filesystem that cannot be id-mapped',
  async (t, box) => {
    const container = box.container((config) => {
      config.mounts.push({ destination: '/mnt', source: '/sys', options: ['bind', 'idmap'], ...own });
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { ...old, 'crun 1.8': 'leaves its cgroup' } },
);

const refused: Record<string, Partial<Mount>> = {
  'neither mappings nor a user namespace': {},
  'only one kind of mappings': { uidMappings: map(0, 1) },
  'overlapping mappings': { uidMappings: [...map(0, 1, 10), ...map(9, 100, 10)], gidMappings: map(0, 1) },
};

for (const [what, mount] of Object.entries(refused)) {
  test(
    `refused before anything is made: ${what}`,
    async (t, box) => {
      const container = box.container((config) => {
        config.mounts.push({ destination: '/mnt', source: '/tmp', options: ['bind', 'idmap'], ...mount });
      });
      failed(t, await container.create());
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: { ...old, 'crun 1.8': 'leaves its cgroup' } },
  );
}
