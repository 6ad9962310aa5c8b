// Layers: an image with twenty, with whiteouts, opaque directories, hard links and extended attributes, is the same tree in docker;
// containers of one image do not see each other's changes; commit, diff, cp and export.
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker } from '../../engines/docker/docker.js';
import { Site as EngineSite } from '../../engines/harness/site.js';
import { busybox, exits, type Pocker, pockerTest, type Tap } from '../harness/pocker.js';

const count = 20;
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** The content of layer number `n`: each adds, replaces, removes and hides something of those before. */
function fill(directory: string, n: number): void {
  const file = (path: string, text: string): void => {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  file(`own/${n}`, `layer ${n}\n`);
  file('shared', `from layer ${n}\n`);
  file(`tree/${n % 4}/file${n}`, 'x'.repeat(n));
  linkSync(join(directory, `own/${n}`), join(directory, `own/${n}.link`));
  symlinkSync(`../own/${n}`, join(directory, `tree/${n % 4}/to${n}`));
  if (n > 2) file(`own/.wh.${n - 2}`, '');
  if (n % 5 === 4) file(`tree/${(n + 1) % 4}/.wh..wh..opq`, '');
  if (n % 7 === 6) file(`.wh.tree`, '');
  // A file replaces a directory, and a directory a file.
  if (n === 8) file('changes/inner/file', 'deep');
  if (n === 9) file('changes', 'now a file');
  if (n === 10) file('changes/again', 'a directory once more');
}

/** docker's archive form, made by hand. */
function makeArchive(pocker: Pocker): string {
  const archive = pocker.path('archive');
  mkdirSync(archive);
  const layers = Array.from({ length: count }, (_, n) => {
    const directory = pocker.path('layer');
    mkdirSync(directory);
    fill(directory, n);
    pocker.ok('setcap', ['cap_net_raw+ep', join(directory, `tree/${n % 4}/file${n}`)]);
    const tar = join(archive, `${n}.tar`);
    pocker.ok('tar', ['-C', directory, '--sort=name', '--xattrs', '--xattrs-include=*', '-cf', tar, '.']);
    rmSync(directory, { recursive: true });
    return tar;
  });
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '2024-01-02T03:04:05Z',
    config: { Cmd: ['/none'] },
    rootfs: { type: 'layers', diff_ids: layers.map((tar) => `sha256:${sha256(readFileSync(tar))}`) },
    history: layers.map((_, n) => ({ created_by: `layer ${n}` })),
  });
  writeFileSync(join(archive, 'config.json'), config);
  const entry = { Config: 'config.json', RepoTags: ['layers:20'], Layers: layers.map((_, n) => `${n}.tar`) };
  writeFileSync(join(archive, 'manifest.json'), JSON.stringify([entry]));
  pocker.ok('tar', ['-C', archive, '-cf', pocker.path('layers.tar'), '.']);
  return pocker.path('layers.tar');
}

/** One line per file of a tar archive: type, mode, owner, size, links and content. */
function listing(pocker: Pocker, tar: string, name: string): string[] {
  const directory = pocker.path(name);
  mkdirSync(directory);
  pocker.ok('tar', ['-C', directory, '--xattrs', '--xattrs-include=*', '-xpf', tar]);
  // Leaves out what docker makes for every container and exports.
  const theirs = ['dev', 'proc', 'sys', 'etc', '.dockerenv'].flatMap((name) => ['!', '-path', `"./${name}*"`]).join(' ');
  const lines = `find . -mindepth 1 ${theirs} -printf '%P %y %m %U:%G %n %s %l\\n' | sed '/ d /s/ [0-9]* [0-9]* $//' | sort`;
  const script = `${lines}; find . -type f ${theirs} | sort | xargs sha256sum; getcap -r .`;
  return pocker.ok('sh', ['-c', `cd "$1"; ${script}`, 'sh', directory]).split('\n');
}

pockerTest('twenty layers are the same tree in docker', async (t, pocker) => {
  const archive = makeArchive(pocker);
  t.equal(pocker.must('load', '-i', archive), 'Loaded image: layers:20');
  pocker.must('create', '--name', 'twenty', '--network', 'none', 'layers:20');
  pocker.must('export', '-o', pocker.path('ours.tar'), 'twenty');
  const site = new EngineSite('docker', { label: 'runc', path: '/usr/sbin/runc' });
  try {
    const engine = await docker.open(site);
    await engine.ok('load', '-i', archive);
    await engine.ok('create', '--name', 'twenty', 'layers:20');
    await engine.ok('export', '-o', pocker.path('theirs.tar'), 'twenty');
    const theirs = listing(pocker, pocker.path('theirs.tar'), 'theirs');
    t.ok(theirs.length > 50, `${theirs.length} lines`);
    t.same(listing(pocker, pocker.path('ours.tar'), 'ours'), theirs);
    pocker.must('save', '-o', pocker.path('saved.tar'), 'layers:20');
    await engine.ok('rmi', '-f', 'layers:20');
    t.match(await engine.ok('load', '-i', pocker.path('saved.tar')), /Loaded image: layers:20/, 'docker loads what we save');
    await engine.close();
  } finally {
    await site.close(docker.ofDaemon);
  }
});

/** Runs a shell command line in a new container that stays. */
function shell(pocker: Pocker, name: string, line: string, image = busybox): void {
  pocker.must('run', '--network', 'none', '--name', name, image, 'sh', '-c', line);
}

pockerTest('two containers of one image, diff and commit', (t, pocker) => {
  shell(
    pocker,
    'base',
    'mkdir -p /dir/sub; echo 1 >/dir/one; echo 2 >/dir/sub/two; echo old >/old; ln /old /hard; ln -s old /soft',
  );
  pocker.must('commit', '-m', 'base', 'base', 'base:1');
  shell(
    pocker,
    'changed',
    'rm /old /soft; rm -rf /dir; mkdir /dir; echo 3 >/dir/three; chmod 700 /tmp; echo new >/new',
    'base:1',
  );
  shell(pocker, 'other', 'cat /old /hard /soft /dir/one /dir/sub/two; test ! -e /new', 'base:1');
  t.equal(pocker.must('start', '-a', 'other'), 'old\nold\nold\n1\n2');
  const changes = ['C /dir', 'D /dir/one', 'D /dir/sub', 'A /dir/three', 'A /new', 'D /old', 'D /soft', 'C /tmp'];
  t.same(pocker.must('diff', 'changed').split('\n'), changes);
  t.equal(pocker.must('diff', 'other'), '');
  const id = pocker.must('commit', '-a', 'me', '-c', 'CMD ["cat", "/new"]', 'changed', 'changed:1');
  t.match(id, /^sha256:[0-9a-f]{64}$/);
  t.equal(pocker.must('run', '--rm', '--network', 'none', 'changed:1'), 'new');
  t.equal(
    pocker.must('run', '--rm', '--network', 'none', 'changed:1', 'sh', '-c', 'ls -d /old /soft /dir/*; cat /hard; true'),
    '/dir/three\nold',
  );
  t.match(pocker.must('history', 'changed:1'), /sh -c rm \/old.*\n.*base\n.*Imported from/);
  t.match(
    exits(t, pocker.call(['rmi', 'base:1']), 1).stderr,
    /conflict: unable to remove repository reference "base:1" \(must force\)/,
  );
  pocker.must('rm', 'base', 'changed', 'other');
});

function expectTree(t: Tap, path: string, names: readonly string[]): void {
  t.same(readdirSync(path).sort(), names, path);
}

pockerTest('cp out and in', (t, pocker) => {
  shell(pocker, 'made', 'mkdir -p /dir/sub; echo 1 >/dir/one; ln -s /etc/passwd /link; ln -s /dir /dirlink; ln -s / /dir/root');
  const here = (...parts: string[]): string => pocker.path('here', ...parts);
  mkdirSync(here(), { recursive: true });
  pocker.must('cp', 'made:/dir', here());
  expectTree(t, here('dir'), ['one', 'root', 'sub']);
  pocker.must('cp', 'made:/dir/.', here('contents'));
  expectTree(t, here('contents'), ['one', 'root', 'sub']);
  pocker.must('cp', 'made:/dir/one', here('renamed'));
  t.equal(readFileSync(here('renamed'), 'utf8'), '1\n');
  pocker.must('cp', '-L', 'made:/link', here('passwd'));
  t.match(readFileSync(here('passwd'), 'utf8'), /^root:x:0:0:root:\/root:\/bin\/sh\nguest/, 'the container’s, not ours');
  pocker.must('cp', here('renamed'), 'made:/dirlink/new');
  pocker.must('cp', here('contents'), 'made:/tmp');
  pocker.must('cp', `${here('contents')}/.`, 'made:/root');
  exits(t, pocker.run('sh', ['-c', `tar -C "$0" -cf - renamed | "$@" cp - made:/dir/sub`, here(), ...pocker.words()]));
  pocker.must('commit', 'made', 'made:1');
  const seen = pocker.must(
    'run',
    '--rm',
    '--network',
    'none',
    'made:1',
    'sh',
    '-c',
    'cat /dir/new /dir/sub/renamed; ls /tmp/contents /root',
  );
  t.equal(seen, '1\n1\n/root:\none\nroot\nsub\n\n/tmp/contents:\none\nroot\nsub');
  t.match(exits(t, pocker.call(['cp', 'made:/none', here()]), 1).stderr, /No such container:path: made:\/none/);
  t.match(exits(t, pocker.call(['cp', here('none'), 'made:/']), 1).stderr, /no such file or directory/);
  t.match(exits(t, pocker.call(['cp', here('renamed'), here('x')]), 1).stderr, /must specify at least one container source/);
  pocker.must('rm', 'made');
});

pockerTest('cp does not follow a container’s symlinks out of it', (t, pocker) => {
  const secret = pocker.path('secret');
  mkdirSync(secret);
  writeFileSync(join(secret, 'file'), 'of the host');
  shell(
    pocker,
    'evil',
    `ln -s ${secret} /out; ln -s ../../../../../../../../../../..${secret} /up; mkdir /d; ln -s ${secret}/file /d/file`,
  );
  for (const path of ['/out/file', '/up/file'])
    t.equal(pocker.call(['cp', '-L', `evil:${path}`, pocker.path('got')]).code, 1, path);
  writeFileSync(pocker.path('file'), 'mine');
  t.equal(pocker.call(['cp', pocker.path('file'), 'evil:/out/file']).code, 1);
  exits(t, pocker.call(['cp', pocker.path('file'), 'evil:/d']));
  t.equal(readFileSync(join(secret, 'file'), 'utf8'), 'of the host');
  t.notOk(existsSync(pocker.path('got')));
  pocker.must('rm', 'evil');
});
