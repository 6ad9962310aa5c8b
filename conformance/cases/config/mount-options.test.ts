// config.md, "Linux mount options": what each one does to the mount, as the kernel shows it in the container.
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../harness/box.js';
import { type KnownDifferences, succeeded, test } from '../../harness/case.js';
import { type Mount, shell } from '../../harness/config.js';

/** A host tmpfs with another one below it, both mounted with `options`. */
async function tree(box: Box, options: string): Promise<string> {
  const path = box.path('source');
  const below = join(path, 'below');
  mkdirSync(path);
  await box.command('mount', ['-t', 'tmpfs', '-o', options.replace(/\bro\b/, 'rw'), 'none', path]);
  box.atEnd(() => box.command('umount', [path]));
  mkdirSync(below);
  await box.command('mount', ['-t', 'tmpfs', '-o', options, 'none', below]);
  box.atEnd(() => box.command('umount', [below]));
  await box.command('mount', ['-o', `remount,bind,${options}`, path]);
  return path;
}

interface Seen {
  /** Of the mount, and of the one below it. */
  readonly mounts: readonly string[];
  readonly superblock: string;
}

/** The options of /mnt, and of what is below it, in mountinfo. */
async function seen(box: Box, mount: Omit<Mount, 'destination'>): Promise<Seen> {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/mnt', ...mount });
    config.process.args = ['grep', ' /mnt', '/proc/self/mountinfo'];
  });
  const result = await container.run();
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  const lines = result.stdout.trim().split('\n');
  return { mounts: lines.map((line) => line.split(' ')[5] ?? ''), superblock: lines[0]?.split(' ').at(-1) ?? '' };
}

const has = (options: string, name: string): boolean => options.split(',').includes(name);

/** crun 1.8 does not know these, or asks the kernel with the wrong mask (EINVAL). */
const crun = [
  'diratime rnodiratime rdiratime atime rnoatime ratime rrelatime rstrictatime nostrictatime rnostrictatime',
  'nosymfollow rnosymfollow rsymfollow',
];

/** What a peer does not clear on a bind mount whose source has it. */
const kept: Readonly<Record<string, readonly string[]>> = {
  'runc 1.1': ['rw', 'suid', 'dev', 'exec', 'symfollow', 'diratime', 'atime', 'nostrictatime'],
  'runc 1.5': ['diratime', 'atime', 'nostrictatime'],
};

function differences(option: string): KnownDifferences {
  const peers = Object.keys(kept).filter((peer) => kept[peer]?.includes(option));
  return {
    ...Object.fromEntries(peers.map((peer) => [peer, 'leaves it as in the source'])),
    ...(crun.join(' ').split(' ').includes(option) ? { 'crun 1.8': 'does not know it, or uses the wrong mask for it' } : {}),
  };
}

/** The access times; the kernel accepts them only as a whole: EINVAL. */
const oldTimes = { 'runc 1.1': 'asks for the flag alone' };

/** Per mount: the option, the word in mountinfo, whether it is there, what the source had before. */
const attributes: readonly (readonly [option: string, word: string, there: boolean, before: string])[] = [
  ['ro', 'ro', true, 'rw'],
  ['rw', 'ro', false, 'ro'],
  ['nosuid', 'nosuid', true, 'suid'],
  ['suid', 'nosuid', false, 'nosuid'],
  ['nodev', 'nodev', true, 'dev'],
  ['dev', 'nodev', false, 'nodev'],
  ['noexec', 'noexec', true, 'exec'],
  ['exec', 'noexec', false, 'noexec'],
  ['nodiratime', 'nodiratime', true, 'diratime'],
  ['diratime', 'nodiratime', false, 'nodiratime'],
  ['noatime', 'noatime', true, 'relatime'],
  ['atime', 'noatime', false, 'noatime'],
  ['relatime', 'relatime', true, 'noatime'],
  ['strictatime', 'relatime', false, 'relatime'],
  ['nostrictatime', 'relatime', true, 'strictatime'],
  ['nosymfollow', 'nosymfollow', true, 'symfollow'],
  ['symfollow', 'nosymfollow', false, 'nosymfollow'],
];

for (const [option, word, there, before] of attributes) {
  test(
    `${option}: only this mount`,
    async (t, box) => {
      const source = await tree(box, before);
      const { mounts } = await seen(box, { source, options: ['rbind', option] });
      t.equal(mounts.length, 2);
      const [first = '', below = ''] = mounts;
      t.equal(has(first, word), there, first);
      t.equal(has(below, word), !there, `below it stays as it was: ${below}`);
    },
    { knownDifferences: differences(option) },
  );

  test(
    `r${option}: also all mounts below`,
    async (t, box) => {
      const source = await tree(box, before);
      const { mounts } = await seen(box, { source, options: ['rbind', `r${option}`] });
      t.equal(mounts.length, 2);
      for (const options of mounts) t.equal(has(options, word), there, options);
      const { stdout } = await box.command('grep', [source, '/proc/self/mountinfo']);
      for (const line of stdout.trim().split('\n'))
        t.equal(has(line.split(' ')[5] ?? '', word), !there, 'the host keeps its own');
    },
    { knownDifferences: { ...differences(`r${option}`), ...(['atime', 'nostrictatime'].includes(option) ? oldTimes : {}) } },
  );
}

/** Of the filesystem: the options, the word in mountinfo, whether it is there. */
const superblock: readonly (readonly [options: string[], word: string, there: boolean])[] = [
  [['sync'], 'sync', true],
  [['sync', 'async'], 'sync', false],
  [['dirsync'], 'dirsync', true],
  [['lazytime'], 'lazytime', true],
  [['lazytime', 'nolazytime'], 'lazytime', false],
];

for (const [options, word, there] of superblock) {
  test(
    `${options.join()}: of the filesystem`,
    async (t, box) => {
      const { superblock: found } = await seen(box, { type: 'tmpfs', source: 'tmpfs', options });
      t.equal(has(found, word), there, found);
    },
    { knownDifferences: { 'crun 1.8': 'cannot revert what another option did' } },
  );
}

// The kernel never shows these; a filesystem that got them as words would refuse them.
test(
  'iversion, noiversion, silent, loud, mand and nomand are not passed to the filesystem as words',
  async (t, box) => {
    const container = box.container((config) => {
      for (const option of ['iversion', 'noiversion', 'silent', 'loud', 'mand', 'nomand'])
        config.mounts.push({ destination: `/m-${option}`, type: 'tmpfs', source: 'tmpfs', options: [option] });
      config.process.args = shell('grep -c " /m-.* - tmpfs " /proc/self/mountinfo');
    });
    const result = await container.run();
    succeeded(t, result);
    t.equal(result.stdout, '6\n');
  },
  { knownDifferences: { crun: 'passes some of them to the filesystem' } },
);

test(
  'if two contradict each other, the last one applies',
  async (t, box) => {
    const options = ['ro', 'nosuid', 'noexec', 'nodev', 'rw', 'suid', 'exec', 'dev', 'noexec'];
    const { mounts } = await seen(box, { type: 'tmpfs', source: 'tmpfs', options });
    t.match(mounts[0], /^rw,noexec,/);
  },
  { knownDifferences: { 'crun 1.8': 'cannot revert what another option did' } },
);

test(
  'nosymfollow has effect',
  async (t, box) => {
    const source = box.path('links');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'reached\n');
    symlinkSync('file', join(source, 'link'));
    const container = box.container((config) => {
      config.mounts.push({ destination: '/with', source, options: ['bind', 'nosymfollow'] });
      config.mounts.push({ destination: '/without', source, options: ['bind', 'symfollow'] });
      config.process.args = shell('cat /without/link; cat /with/file; cat /with/link 2>&1; true');
    });
    t.match((await container.run()).stdout, /^reached\nreached\n.*(Too many levels of symbolic links|Symbolic link loop)/);
  },
  { knownDifferences: { 'crun 1.8': 'does not know it' } },
);

test('noatime and strictatime have effect', async (t, box) => {
  const source = box.path('times');
  mkdirSync(source);
  for (const name of ['not', 'strict']) writeFileSync(join(source, name), 'content\n');
  const times = (): number[] => ['not', 'strict'].map((name) => statSync(join(source, name)).atimeMs);
  const before = times();
  const container = box.container((config) => {
    config.mounts.push({ destination: '/not', source, options: ['bind', 'noatime'] });
    config.mounts.push({ destination: '/strict', source, options: ['bind', 'strictatime'] });
    config.process.args = ['cat', '/not/not', '/strict/strict'];
  });
  succeeded(t, await container.run());
  const after = times();
  t.equal(after[0], before[0]);
  t.ok((after[1] ?? 0) > (before[1] ?? 0));
});

test('several options in one string, as with mount(2)', async (t, box) => {
  const tmpfs = await seen(box, { type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'size=64k,mode=700,'] });
  t.ok(has(tmpfs.superblock, 'size=64k') && has(tmpfs.superblock, 'mode=700'), tmpfs.superblock);
  for (const name of ['lower', 'upper', 'work']) mkdirSync(box.path(name));
  const [lower, upper, work] = [box.path('lower'), box.path('upper'), box.path('work')];
  const data = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const overlay = await seen(box, { type: 'overlay', source: 'overlay', options: [data] });
  t.ok(has(overlay.superblock, `upperdir=${upper}`), overlay.superblock);
});
