// Images and containers that attack the host, and image files that are not what they should be.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { helper } from '../../harness/helpers/helper.js';
import { Box } from '../harness/box.js';

t.setTimeout(0);
const box = new Box('hostile');
const secret = box.path('secret');
mkdirSync(secret);
writeFileSync(`${secret}/key`, 'of the host\n');

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const run = (...words: readonly string[]) => box.pocker('run', '--rm', '--network', 'none', ...words);

/** Looks for any copy of the host's file; an ordinary user may not look into all of /proc. */
const search = 'find / -name key 2>/dev/null; echo done';

interface Fake {
  /** Arguments for tar, after -C layer: the image's content. */
  readonly tar: readonly string[];
  readonly config?: unknown;
  /** Replaces config.json, or manifest.json. */
  readonly configFile?: unknown;
  readonly manifest?: unknown;
  readonly gzip?: boolean;
}

/** Loads an image called `name` whose only layer is a tar file of box.path('layer'). */
function load(name: string, { tar, config = {}, configFile, manifest, gzip = false }: Fake) {
  rmSync(box.path('fake'), { recursive: true, force: true });
  mkdirSync(box.path('fake'));
  const file = box.path('fake/layer.tar');
  box.ok('tar', ['-cf', file, '-C', box.path('rootfs'), 'bin', '-C', box.path('layer'), ...tar]);
  const layer = readFileSync(file);
  if (gzip) writeFileSync(file, gzipSync(layer, { level: 1 }));
  const diffIds = [`sha256:${sha256(layer)}`];
  const usual = { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: diffIds } };
  const entry = { Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] };
  writeFileSync(box.path('fake/config.json'), JSON.stringify(configFile === undefined ? usual : configFile));
  writeFileSync(box.path('fake/manifest.json'), JSON.stringify(manifest === undefined ? [entry] : manifest));
  box.ok('tar', ['-cf', box.path('fake.tar'), '-C', box.path('fake'), '.']);
  return box.pocker('load', '-i', box.path('fake.tar'));
}

mkdirSync(box.path('layer/etc'), { recursive: true });
symlinkSync(secret, box.path('layer/way'));
symlinkSync(box.directory, box.path('layer/up'));

void t.test('a volume is filled with what the image has, not with what its links lead to on the host', (t) => {
  t.match(load('links', { tar: ['way', 'up', 'etc'], config: { Volumes: { '/up/secret': {} } } }), { code: 0 });
  t.match(run('links', 'sh', '-c', search), { code: 0, out: 'done\n' }, 'a volume of the image');
  t.match(run('-v', 'filled:/up/secret', 'links', 'sh', '-c', search), { code: 0, out: 'done\n' }, 'a volume with a name');
  t.match(run('-v', 'other:/way', 'links', 'sh', '-c', search), { code: 0, out: 'done\n' });
  mkdirSync(box.path('layer/data'), { recursive: true });
  writeFileSync(box.path('layer/data/mine'), 'of the image\n');
  symlinkSync('/data', box.path('layer/to'));
  load('inner', { tar: ['data', 'to'] });
  t.match(
    run('-v', 'inner:/to', 'inner', 'cat', '/data/mine'),
    { code: 0, out: 'of the image\n' },
    'a link in the image is followed',
  );
  t.end();
});

void t.test('volumes that an image wants are paths in the container', (t) => {
  load('above', { tar: ['etc'], config: { Volumes: { [`/../../../../../../../..${secret}`]: {}, '/a:/b': {} } } });
  t.match(run('above', 'sh', '-c', search), { code: 0, out: 'done\n' });
  t.match(run('above', 'ls', '-d', '/a:', '/a:/b'), { code: 0 });
  load('relative', { tar: ['etc'], config: { Volumes: { 'etc/ssl': {} } } });
  t.match(run('relative', 'true'), { code: 125, err: /invalid mount path: 'etc\/ssl' mount path must be absolute/ });
  load('whole', { tar: ['etc'], config: { Volumes: { '/': {} } } });
  t.match(run('whole', 'true'), { code: 125, err: /destination can't be '\/'/ });
  t.end();
});

void t.test('files of an image that are not what they should be are said in one line', (t) => {
  const configs = [null, [], {}, 7, { architecture: 'amd64', os: 'linux', rootfs: null }];
  const manifests = [
    null,
    {},
    [null],
    [{}],
    [{ Config: 1, RepoTags: null, Layers: [] }],
    [{ Config: 'config.json', Layers: 'x' }],
  ];
  const wrong: Omit<Fake, 'tar'>[] = [
    ...configs.map((configFile) => ({ configFile })),
    ...manifests.map((manifest) => ({ manifest })),
    { manifest: [{ Config: '../../../../../../../../etc/passwd', RepoTags: null, Layers: [] }] },
    { config: { Cmd: 'ls' } },
    { config: { Env: [1] } },
    { config: { Healthcheck: { Test: 'x' } } },
    { config: { Volumes: ['/x'], Labels: { a: 1 } } },
  ];
  for (const fake of wrong)
    t.match(
      load('wrong', { tar: ['etc'], ...fake }),
      { code: 1, err: /^pocker: [^\n]*\n  hint: [^\n]*\n$/ },
      JSON.stringify(fake),
    );
  t.notMatch(box.pocker('images').out, 'wrong');
  t.end();
});

void t.test('a compressed layer with names that begin with a slash unpacks like an uncompressed one', (t) => {
  for (const gzip of [false, true]) {
    const name = `slash-${gzip}`;
    t.match(load(name, { tar: ['-P', '--transform', `s,^data,/${name},`, 'data'], gzip }), { code: 0 });
    t.match(run(name, 'cat', `/${name}/mine`), { code: 0 });
  }
  t.end();
});

void t.test('image users with invalid ids', (t) => {
  writeFileSync(
    box.path('layer/etc/passwd'),
    'root:x:zero:0::/:\nminus:x:-1:-1::/:\nlarge:x:99999999999:0::/:\ngood:x:7:8:Jos\xe9:/:\n',
    'latin1',
  );
  load('users', { tar: ['etc'] });
  for (const name of ['minus', 'large', 'root'])
    t.match(run('-u', name, 'users', 'true'), { code: 125, err: `unable to find user ${name}` });
  t.match(run('-u', 'good', 'users', 'id'), { code: 0, out: 'uid=7(good) gid=8' });
  t.match(run('users', 'id', '-u'), { code: 0, out: '0\n' });
  t.end();
});

void t.test('"." and ".." are not names', (t) => {
  for (const name of ['.', '..']) t.match(box.pocker('stop', name), { code: 1, err: `No such container: ${name}` });
  t.end();
});

void t.test('cp of a container that does not run reaches its volumes', (t) => {
  writeFileSync(box.path('file'), 'copied\n');
  box.must('create', '--name', 'still', '--network', 'none', '-v', 'still:/data', 'busybox', 'cat', '/data/file');
  t.match(box.pocker('run', '--rm', '--network', 'none', '-v', 'still:/data', 'busybox', 'touch', '/data/first'), { code: 0 });
  box.must('cp', box.path('file'), 'still:/etc/..//data/');
  t.equal(readFileSync(box.path('root/volumes/still/_data/file'), 'utf8'), 'copied\n');
  box.must('cp', 'still:/data/.', box.path('out'));
  t.ok(existsSync(box.path('out/first')));
  t.match(box.pocker('start', '-a', 'still'), { code: 0, out: 'copied\n' });
  t.end();
});

void t.test('cp of a file whose name is a flag', (t) => {
  const name = '--checkpoint-action=exec=touch flagged';
  box.must('run', '--name', 'flagged', '--network', 'none', 'busybox', 'touch', `/${name}`);
  t.ok(box.must('cp', `flagged:/${name}`, '-').startsWith(name));
  t.notOk(existsSync('flagged'));
  box.must('rm', 'flagged');
  t.end();
});

void t.test('a container that has the id of another as its name', (t) => {
  const id = box.must('create', '--network', 'none', '--name', 'genuine', 'busybox', 'true');
  const other = box.must('create', '--network', 'none', '--name', id, 'busybox', 'true');
  t.equal(box.must('inspect', '-f', '{{.Name}}', id), '/genuine');
  box.must('rm', other);
  t.equal(box.must('rm', id), id);
  t.end();
});

void t.test('cp while the container exchanges a directory with a link to one of the host', (t) => {
  const [victim, source] = [box.path('victim'), box.path('source')];
  for (const directory of [victim, `${source}/d`]) mkdirSync(directory, { recursive: true });
  writeFileSync(`${victim}/mine`, 'of the host\n');
  for (let i = 0; i < 100; ++i) writeFileSync(`${source}/d/new${i}`, '');
  box.must('run', '-d', '--name', 'racing', '--network', 'none', 'busybox', 'sleep', '1000');
  box.must('exec', 'racing', 'mkdir', '-p', '/x/d');
  const inside = `/proc/${box.state('racing').pid}/root/x`;
  symlinkSync(victim, `${inside}/link`);
  const attacker = spawn(helper('exchange'), [`${inside}/d`, `${inside}/link`], { stdio: 'ignore' });
  try {
    for (let i = 0; i < 20; ++i) {
      box.pocker('cp', `${source}/.`, 'racing:/x');
      box.pocker('cp', 'racing:/x', box.path(`out${i}`));
      t.equal(box.ok('find', [box.path(`out${i}`), '-name', 'mine']), '', 'nothing of the host was read');
    }
  } finally {
    attacker.kill('SIGKILL');
  }
  t.same(readdirSync(victim), ['mine'], 'nothing was written on the host');
  box.must('rm', '-f', 'racing');
  t.end();
});

void t.test('cp writes neither on the host when another process has the id, nor where the container may not', (t) => {
  box.must('create', '--name', 'stale', '--network', 'none', '-v', `${secret}:/ro:ro`, 'busybox', 'true');
  const [id = ''] = box.pocker('ps', '-aq', '--no-trunc', '--filter', 'name=stale').out.split('\n');
  const state = box.path(`root/containers/${id}/state.json`);
  const running = { ...(JSON.parse(readFileSync(state, 'utf8')) as object), status: 'running', pid: process.pid, startTime: 1 };
  writeFileSync(state, JSON.stringify(running));
  t.match(box.pocker('cp', box.path('file'), `stale:${secret}/new`), { code: 1, err: 'No such container:path' });
  t.match(box.pocker('cp', `stale:${secret}/key`, box.path('stolen')), { code: 1 });
  t.match(box.pocker('cp', box.path('file'), 'stale:/ro/new'), { code: 1, err: 'mounted volume is marked read-only' });
  t.same(readdirSync(secret), ['key']);
  const joined = box.pocker('run', '--rm', '--network', 'container:stale', 'busybox', 'true');
  t.match(joined, { code: 125, err: 'cannot join network of a non running container' });
  box.must('create', '--read-only', '--name', 'fixed', '--network', 'none', '--tmpfs', '/t', 'busybox', 'true');
  t.match(box.pocker('cp', box.path('file'), 'fixed:/new'), { code: 1, err: 'container rootfs is marked read-only' });
  box.must('rm', '-f', 'stale', 'fixed');
  t.end();
});

void t.test('files that a power failure has emptied block nothing', (t) => {
  box.must('create', '--name', 'struck', '--network', 'none', 'busybox', 'true');
  const [id = ''] = box.pocker('ps', '-aq', '--no-trunc', '--filter', 'name=struck').out.split('\n');
  for (const text of ['', '{"version']) {
    writeFileSync(box.path(`root/containers/${id}/state.json`), text);
    t.match(box.pocker('ps', '-a', '--format', '{{.Names}} {{.Status}}'), { code: 0, out: /^struck Exited \(255\)/m });
  }
  t.match(box.pocker('start', '-a', 'struck'), { code: 0 });
  writeFileSync(box.path(`root/containers/${id}/name`), 'half');
  t.match(box.pocker('rename', 'struck', 'renamed'), { code: 0 }, 'after a rename that was killed');
  box.must('rename', 'renamed', 'struck');
  box.must('create', '--rm', '--name', 'going', '--network', 'none', 'busybox', 'true');
  const [goes = ''] = box.pocker('ps', '-aq', '--no-trunc', '--filter', 'name=going').out.split('\n');
  for (const file of [`containers/${goes}/container.json`, 'names/going', 'names/nobody'])
    writeFileSync(box.path('root', file), '');
  rmSync(box.path('run/booted'));
  t.match(box.pocker('ps', '-a', '--format', '{{.Names}}'), { code: 0, out: /^still\nstruck\n$|^struck\nstill\n$/ });
  for (const name of ['going', 'nobody']) {
    t.match(box.pocker('inspect', name), { code: 1, err: `No such object: ${name}` });
    t.match(box.pocker('run', '--rm', '--name', name, '--network', 'none', 'busybox', 'true'), { code: 0 });
  }
  t.end();
});

void t.test('a file of variables with a name that none can have', (t) => {
  writeFileSync(box.path('variables'), 'A=1\nB C=2\n');
  const said = `invalid env file (${box.path('variables')}): variable 'B C' contains whitespaces`;
  t.match(run('--env-file', box.path('variables'), 'busybox', 'env'), { code: 125, err: said });
  t.end();
});

void t.test('directories of the engine by relative names', (t) => {
  const [program = ''] = box.words();
  const global = ['--root', 'root', '--runroot', 'run'];
  const script = 'cd "$1"; shift; exec "$@"';
  const words = [
    '-c',
    script,
    'sh',
    box.directory,
    program,
    ...global,
    'run',
    '--rm',
    '--network',
    'none',
    'busybox',
    'echo',
    'here',
  ];
  t.equal(box.ok('sh', words), 'here');
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
