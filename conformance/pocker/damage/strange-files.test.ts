// Store files of the wrong kind: a FIFO, a socket, a directory or a link in place of each. No command waits for one; a damaged
// object does not block the others, and can be removed.
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import t from 'tap';
import { Box } from '../harness/box.js';
import type { Tap } from '../harness/pocker.js';

t.setTimeout(0);
const box = new Box('strange');
t.teardown(() => box.remove());
const none = ['--network', 'none'];

const kinds: Readonly<Record<string, (path: string) => void>> = {
  fifo: (path) => void box.ok('mkfifo', [path]),
  // Socket names are short.
  socket: (path) => {
    const script = 'chdir $ARGV[0]; use IO::Socket::UNIX; IO::Socket::UNIX->new(Local => $ARGV[1], Listen => 1) or die';
    box.ok('perl', ['-e', script, dirname(path), basename(path)]);
  },
  directory: (path) => mkdirSync(`${path}/in`, { recursive: true }),
  link: (path) => symlinkSync('/etc/hostname', path),
};

/** Puts one of each kind in the file's place, then the file itself. */
function each(path: string, body: (kind: string) => void): void {
  for (const [kind, make] of Object.entries(kinds)) {
    if (existsSync(path)) renameSync(path, box.path('saved'));
    make(path);
    body(kind);
    rmSync(path, { recursive: true, force: true });
    if (existsSync(box.path('saved'))) renameSync(box.path('saved'), path);
  }
}

/** Objects that the damage does not touch. */
function othersWork(t: Tap, kind: string): void {
  t.match(box.pocker('run', '--rm', ...none, 'busybox', 'echo', 'yes'), { code: 0, out: 'yes\n' }, kind);
  t.match(box.pocker('ps', '-a', '--format', '{{.Names}}'), { code: 0, out: /^whole$/m }, kind);
  t.match(box.pocker('volume', 'ls', '-q'), { code: 0, out: /^good$/m }, kind);
  t.match(box.pocker('network', 'ls', '--format', '{{.Name}}'), { code: 0, out: /^fine$/m }, kind);
}

box.must('create', '--name', 'whole', ...none, 'busybox', 'true');
for (const name of ['good', 'bad']) box.must('volume', 'create', name);
for (const name of ['fine', 'poor']) box.must('network', 'create', name);

void t.test('of a container', (t) => {
  const make = (): string => box.must('create', '--name', 'struck', ...none, 'busybox', 'true');
  let id = make();
  for (const file of ['state.json', 'container.json'])
    each(box.path('root/containers', id, file), (kind) => {
      othersWork(t, `${file}: ${kind}`);
      const lost = file === 'state.json';
      t.match(box.pocker('inspect', '-f', '{{.State.ExitCode}}', 'struck'), lost ? { code: 0, out: '255\n' } : { code: 1 });
      t.match(box.pocker('system', 'repair'), { code: lost ? 0 : 1 }, kind);
    });
  for (const file of ['state.json', 'container.json'])
    for (const [kind, damage] of Object.entries(kinds)) {
      const path = box.path('root/containers', id, file);
      rmSync(path);
      damage(path);
      t.match(box.pocker('rm', '-f', 'struck'), { code: 0 }, `rm -f with ${file}: ${kind}`);
      t.notOk(existsSync(box.path('root/containers', id)));
      id = make();
    }
  box.must('rm', 'struck');
  t.end();
});

void t.test('in the place of a container’s directory', (t) => {
  const other = box.must('create', '--name', 'other', ...none, 'busybox', 'true');
  mkdirSync(box.path('root/containers', other, 'upper'), { recursive: true });
  const written = box.path('root/containers', other, 'upper/written');
  writeFileSync(written, 'kept');
  const more = {
    ...kinds,
    'link to nothing': (path: string) => symlinkSync('/nowhere', path),
    'link to itself': (path: string) => symlinkSync(path, path),
    'link to another container': (path: string) => symlinkSync(other, path),
  };
  for (const [kind, damage] of Object.entries(more)) {
    const id = box.must('create', '--name', 'struck', ...none, 'busybox', 'true');
    const path = box.path('root/containers', id);
    rmSync(path, { recursive: true });
    damage(path);
    othersWork(t, kind);
    t.match(box.pocker('rm', '-f', id), { code: 0 }, `rm -f: ${kind}`);
    if (kind !== 'directory') t.notOk(lstatSync(path, { throwIfNoEntry: false }), `${kind} is gone`);
    rmSync(path, { recursive: true, force: true });
    rmSync(box.path('root/names/struck'), { force: true });
    rmSync(box.path('run/booted'), { force: true });
    t.match(box.pocker('ps', '-aq'), { code: 0 }, `after a reboot: ${kind}`);
    t.ok(existsSync(written), 'what another container has written stays');
  }
  // One that somebody has moved elsewhere works, and goes.
  const id = box.must('create', '--name', 'moved', ...none, 'busybox', 'true');
  renameSync(box.path('root/containers', id), box.path('elsewhere'));
  symlinkSync(box.path('elsewhere'), box.path('root/containers', id));
  t.match(box.pocker('start', '-a', 'moved'), { code: 0 });
  t.match(box.pocker('rm', 'moved', 'other'), { code: 0, out: 'moved\nother\n' });
  t.notOk(lstatSync(box.path('root/containers', id), { throwIfNoEntry: false }), 'the link is gone');
  t.end();
});

void t.test('of a volume: what removes data wants to be told so', (t) => {
  const path = box.path('root/volumes/bad/volume.json');
  each(path, (kind) => {
    othersWork(t, kind);
    t.match(box.pocker('volume', 'rm', 'bad'), { code: 1, err: 'is damaged' }, kind);
    t.match(box.pocker('system', 'repair'), { code: 1, out: `Damaged: put back a copy of ${path}, or pocker volume rm -f bad` });
  });
  for (const [kind, damage] of Object.entries(kinds)) {
    rmSync(path);
    damage(path);
    t.match(box.pocker('volume', 'rm', '-f', 'bad'), { code: 0, out: 'bad\n' }, kind);
    t.notOk(existsSync(box.path('root/volumes/bad')));
    box.must('volume', 'create', 'bad');
  }
  t.end();
});

void t.test('of a network', (t) => {
  const path = box.path('root/networks/poor.json');
  each(path, (kind) => {
    othersWork(t, kind);
    t.match(box.pocker('network', 'inspect', 'poor'), { code: 1, err: 'is damaged' }, kind);
    t.match(box.pocker('system', 'repair'), { code: 1, out: `Damaged: put back a copy of ${path}, or pocker network rm poor` });
  });
  for (const [kind, damage] of Object.entries(kinds)) {
    rmSync(path);
    damage(path);
    t.match(box.pocker('network', 'rm', 'poor'), { code: 0, out: 'poor\n' }, kind);
    box.must('network', 'create', 'poor');
  }
  t.end();
});

void t.test('of an image', (t) => {
  const [record = ''] = readdirSync(box.path('root/images/records'));
  for (const path of [box.path('root/images/index.json'), box.path('root/images/records', record)]) {
    const more = path.endsWith('index.json') ? '' : ', or pull or load that image again';
    each(path, (kind) => {
      t.match(box.pocker('ps', '-aq'), { code: 0 }, kind);
      t.match(box.pocker('images', '-q'), { code: path.endsWith('index.json') ? 1 : 0, out: '' }, kind);
      t.match(box.pocker('system', 'repair'), { code: 1, out: `Damaged: put back a copy of ${path}${more}\n` }, kind);
    });
  }
  t.match(box.pocker('images', '-q'), { code: 0, out: /./ });
  t.end();
});

void t.test('while a container is damaged, nothing goes that it may need', (t) => {
  box.must('volume', 'create', 'needed');
  const id = box.must('create', '--name', 'user', '-v', 'needed:/data', ...none, 'busybox', 'true');
  each(box.path('root/containers', id, 'container.json'), (kind) => {
    t.match(box.pocker('volume', 'prune', '-a', '-f'), { code: 0 }, kind);
    t.match(box.pocker('volume', 'rm', 'needed'), { code: 1, err: `volume is in use - [${id}]` }, kind);
    t.match(box.pocker('image', 'prune', '-f'), { code: 0 }, kind);
  });
  t.match(box.pocker('start', '-a', 'user'), { code: 0 }, 'put back, it has everything');
  t.end();
});

void t.test('a FIFO that the user names is waited for', (t) => {
  const slow = 'mkfifo "$0"; (sleep 0.5; echo A=slow >"$0") & exec "$@"';
  const words = box.words('run', '--rm', ...none, '--env-file', box.path('variables'), 'busybox', 'sh', '-c', 'echo $A');
  t.equal(box.ok('sh', ['-c', slow, box.path('variables'), ...words]), 'slow');
  t.end();
});

void t.test('the log of events', (t) => {
  each(box.path('root/events.log'), (kind) => {
    othersWork(t, kind);
    t.match(box.pocker('tag', 'busybox', 'other'), { code: 0 }, kind);
  });
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
