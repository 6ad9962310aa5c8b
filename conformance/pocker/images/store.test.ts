// Images without a registry: import, images, tag, history, save and load, rmi, prune.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { busybox, exits, pockerPath, pockerTest } from '../harness/pocker.js';

const config = { User: 'guest', Env: ['A=b'], Entrypoint: ['/bin/echo'], Labels: { one: 'two' }, StopSignal: 'SIGUSR1' };

pockerTest('images and tag', (t, pocker) => {
  t.match(pocker.must('images'), /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\nbusybox +latest +[0-9a-f]{12} +.* ago +[\d.]+MB$/);
  const id = pocker.must('images', '-q', '--no-trunc');
  t.match(id, /^sha256:[0-9a-f]{64}$/);
  pocker.must('tag', 'busybox', 'localhost:5000/team/tool:1.0');
  t.equal(pocker.must('images', '-q'), id.slice(7, 19), 'both names are of one image');
  t.equal(
    pocker.must('images', '--format', '{{.Repository}}:{{.Tag}}', 'localhost:5000/team/tool'),
    'localhost:5000/team/tool:1.0',
  );
  t.match(exits(t, pocker.call(['tag', 'nothing', 'x']), 1).stderr, /No such image: nothing:latest/);
  t.match(exits(t, pocker.call(['tag', 'busybox', 'Upper']), 1).stderr, /repository name must be lowercase/);
  t.match(exits(t, pocker.call(['rmi', id.slice(7, 19)]), 1).stderr, /must be forced.*referenced in multiple repositories/);
  t.equal(pocker.must('rmi', 'busybox'), 'Untagged: busybox:latest');
  t.match(pocker.must('rmi', 'localhost:5000/team/tool:1.0'), /^Untagged: .*\nDeleted: sha256:.*\nDeleted: sha256:/);
  t.equal(pocker.must('images', '-q'), '');
  for (const directory of ['root/images/blobs/sha256', 'root/images/records', 'root/staging'])
    t.same(readdirSync(pocker.path(directory)), [], `${directory} is empty`);
});

pockerTest('import applies instructions', (t, pocker) => {
  const changes = ['USER guest', 'ENV A=b', 'ENTRYPOINT ["/bin/echo"]', 'LABEL one=two', 'STOPSIGNAL SIGUSR1'].flatMap((one) => [
    '-c',
    one,
  ]);
  pocker.must('import', '-m', 'by hand', ...changes, pocker.path('rootfs.tar'), 'made:here');
  const record = pocker.must('image', 'history', '--format', '{{.Comment}}', 'made:here');
  t.equal(record, 'by hand');
  const id = pocker.must('images', '-q', '--no-trunc', 'made:here');
  const stored = JSON.parse(readFileSync(pocker.path('root/images/blobs/sha256', id.slice(7)), 'utf8')) as { config: unknown };
  t.same(stored.config, config);
  t.match(
    exits(t, pocker.call(['import', '-c', 'FROM x', pocker.path('rootfs.tar')]), 1).stderr,
    /FROM is not a valid change command/,
  );
  t.match(exits(t, pocker.call(['import', '/no/such/file']), 1).stderr, /no such file or directory/);
});

pockerTest('an image that is replaced stays without a name until prune', (t, pocker) => {
  const [before] = pocker.must('images', '-q').split('\n');
  pocker.must('import', '-m', 'another', pocker.path('rootfs.tar'), busybox);
  t.match(pocker.must('images', '-f', 'dangling=true'), new RegExp(`<none> +<none> +${before}`));
  t.match(pocker.must('image', 'prune', '-f'), /^Deleted Images:\ndeleted: sha256:.*\n\nTotal reclaimed space: /s);
  t.equal(pocker.must('images', '-q', '-f', 'dangling=true'), '');
  t.match(pocker.must('image', 'prune', '-f'), /^Total reclaimed space: 0B$/);
});

pockerTest('save and load', (t, pocker) => {
  const id = pocker.must('images', '-q', '--no-trunc');
  pocker.must('tag', busybox, 'other:1');
  pocker.must('save', '-o', pocker.path('saved.tar'), 'busybox', 'other:1');
  // The archive is made next to its place, where it cannot be put.
  mkdirSync(pocker.path('archives/taken'), { recursive: true });
  exits(t, pocker.call(['save', '-o', pocker.path('archives/taken'), 'busybox']), 1);
  t.same(readdirSync(pocker.path('archives')), ['taken'], 'nothing half-made stays');
  pocker.must('rmi', '-f', id);
  t.equal(pocker.must('load', '-i', pocker.path('saved.tar')), 'Loaded image: busybox:latest\nLoaded image: other:1');
  t.equal(pocker.must('images', '-q', '--no-trunc'), id, 'the same image');
  const piped = pocker.run('sh', ['-c', `"$@" save busybox | gzip | "$@" load`, 'sh', ...pocker.words()]);
  t.equal(exits(t, piped).stdout, 'Loaded image: busybox:latest\n');
});

pockerTest('archives through sockets, which is what Node makes of standard streams', (t, pocker) => {
  const words = pocker.words().slice(1);
  const saved = spawnSync(pockerPath, [...words, 'save', 'busybox'], { maxBuffer: 1 << 26 });
  t.match(saved, { status: 0, stderr: Buffer.alloc(0) });
  pocker.must('rmi', 'busybox');
  const loaded = spawnSync(pockerPath, [...words, 'load'], { input: saved.stdout, encoding: 'utf8' });
  t.match(loaded, { status: 0, stdout: 'Loaded image: busybox:latest\n' });
  pocker.must('create', '--name', 'one', '--network', 'none', 'busybox');
  for (const command of [
    ['export', 'one'],
    ['cp', 'one:/bin', '-'],
    ['save', 'busybox'],
  ]) {
    const { status, stdout } = spawnSync(pockerPath, [...words, ...command], { maxBuffer: 1 << 26 });
    t.equal(status, 0, command.join(' '));
    t.match(spawnSync('tar', ['-t'], { input: stdout, encoding: 'utf8' }), { status: 0, stdout: /\n/ }, 'a whole archive');
  }
  exits(t, pocker.run('sh', ['-c', `{ printf before; "$@" export one; } >"$0"`, pocker.path('both'), ...pocker.words()]));
  t.equal(readFileSync(pocker.path('both'), 'latin1').slice(0, 8), 'before./', 'what was written before stays');
  pocker.must('rm', 'one');
});

pockerTest('an image with a lost record', (t, pocker) => {
  const id = pocker.must('images', '-q', '--no-trunc');
  pocker.must('tag', busybox, 'other:1');
  pocker.must('save', '-o', pocker.path('saved.tar'), 'busybox');
  pocker.must('create', '--name', 'needs', '--network', 'none', 'busybox', 'true');
  const record = pocker.path('root/images/records', `${id.slice('sha256:'.length)}.json`);
  const losses = [() => rmSync(record), () => writeFileSync(record, 'no JSON')];
  for (const lose of losses) {
    lose();
    t.match(exits(t, pocker.call(['system', 'repair']), 1).stdout, `copy of ${record}, or pull or load that image again\n`);
    pocker.call(['image', 'prune', '-f']);
    t.not(readdirSync(pocker.path('root/layers')).length, 0, 'what its containers need stays');
    pocker.must('load', '-i', pocker.path('saved.tar'));
    const names = pocker.must('images', '--no-trunc', '--format', '{{.ID}} {{.Repository}}').split('\n').sort();
    t.same(names, [`${id} busybox`, `${id} other`], 'with all its names');
    exits(t, pocker.call(['system', 'repair']));
    exits(t, pocker.call(['start', '-a', 'needs']));
  }
  pocker.must('rm', 'needs');
  pocker.must('rmi', '-f', id);
  t.same(readdirSync(pocker.path('root/images/blobs/sha256')), []);
});

pockerTest('broken archives change nothing', (t, pocker) => {
  pocker.must('save', '-o', pocker.path('saved.tar'), 'busybox');
  pocker.must('rmi', 'busybox');
  const before = readdirSync(pocker.path('root'), { recursive: true });
  truncateSync(pocker.path('saved.tar'), 600_000);
  t.match(exits(t, pocker.call(['load', '-i', pocker.path('saved.tar')]), 1).stderr, /^pocker: .+\n/);
  writeFileSync(pocker.path('text'), 'no tar at all, '.repeat(1000));
  t.match(exits(t, pocker.call(['load', '-i', pocker.path('text')]), 1).stderr, /tar/);
  t.match(exits(t, pocker.call(['load', '-i', pocker.path('rootfs.tar')]), 1).stderr, /invalid archive/);
  t.same(readdirSync(pocker.path('root'), { recursive: true }), before);
  t.notOk(existsSync(pocker.path('root/staging/archive')));
});
