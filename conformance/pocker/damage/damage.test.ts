// What disks and power failures do: a full disk, unreadable records, half a bridge, a reboot in the middle of a pull.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import t from 'tap';
import { ip, networkState } from '../harness/own-network.js';
import { Box, settled, type Said } from '../harness/box.js';

const box = new Box('damage');
t.teardown(() => box.remove());
// Much longer than tap's limit on a busy machine.
t.setTimeout(0);

/** conmon's call of pocker ends a moment after the container. */
const nothing = (found: readonly string[]): boolean => found.length === 0;
const none = ['--network', 'none'];

void t.test('a record that is damaged', async (t) => {
  for (const name of ['whole', 'torn']) box.pocker('run', '-d', '--name', name, ...none, 'busybox', 'sleep', '1000');
  const id = readdirSync(box.path('root/containers')).find((one) => box.state('torn').pid > 0 && idOf('torn') === one)!;
  const path = box.path(`root/containers/${id}/container.json`);
  const whole = readFileSync(path, 'utf8');
  for (const text of [whole.slice(0, 100), '{}', 'null', '[]', whole.replaceAll(id, id.replace(/^./, 'x'))]) {
    writeFileSync(path, text);
    const listed = box.pocker('ps', '--format', '{{.Names}}');
    t.match(listed, { code: 0, out: 'whole\n', err: `skipped container ${id}: ` });
    t.match(box.pocker('inspect', 'torn'), { code: 1, err: 'is damaged' });
    t.match(box.pocker('stop', 'torn'), { code: 1, err: "hint: Run 'pocker system repair' to see what can be done" });
    t.match(box.pocker('exec', 'whole', 'true'), { code: 0 });
    t.match(box.pocker('system', 'repair'), { code: 1, out: `Damaged: put back a copy of ${path}, or pocker rm -f ${id}\n` });
    t.match(box.pocker('images', '-q'), { code: 0 });
  }
  const parts = JSON.parse(whole) as Record<string, object>;
  const unlike = { config: {}, hostConfig: { ...parts['hostConfig'], LogConfig: null }, mounts: [null], networks: { x: 3 } };
  const wrong = Object.entries(unlike).map(([name, value]) => [name, JSON.stringify({ ...parts, [name]: value })] as const);
  for (const [name, text] of [...wrong, ['huge', whole.padEnd(17 * 2 ** 20)], ['directory', null], ['loop', null]] as const) {
    rmSync(path, { recursive: true });
    if (text !== null) writeFileSync(path, text);
    else if (name === 'directory') mkdirSync(path);
    else symlinkSync('container.json', path);
    t.match(box.pocker('ps', '-q', '--filter', 'name=whole'), { code: 0, err: `skipped container ${id}: ` }, name);
    t.match(box.pocker('system', 'df'), { code: 0 }, name);
    t.match(box.pocker('start', 'torn'), { code: 1, err: `${path} is damaged: ` }, name);
  }
  rmSync(path);
  writeFileSync(path, whole);
  t.match(box.pocker('exec', 'torn', 'true'), { code: 0 }, 'put back, it is there again');
  writeFileSync(path, '{');
  t.match(box.pocker('rm', 'torn'), { code: 1, err: 'is damaged' });
  t.match(box.pocker('rm', '-f', 'torn', 'whole'), { code: 0, out: 'torn\nwhole\n' });
  t.same(await settled(() => box.leftovers(), nothing), []);
});

void t.test('a state and a name that are damaged', async (t) => {
  t.match(box.pocker('create', '--name', 'lost', ...none, 'busybox', 'true'), { code: 0 });
  const id = idOf('lost');
  for (const text of ['', 'null', '[]', '{}', '{"version":1,"status":"running","pid":"1"}', ' '.repeat(17 * 2 ** 20)]) {
    writeFileSync(box.path(`root/containers/${id}/state.json`), text);
    t.match(box.pocker('ps', '-a', '--format', '{{.Status}}'), { code: 0, out: /^Exited \(255\)/ }, text.slice(0, 40));
  }
  t.match(box.pocker('start', '-a', 'lost'), { code: 0 }, 'it can be used');
  for (const text of ['', '{"id', '[]', '{"id":7}', '{"id":"../../x"}']) {
    for (const name of ['lost', 'free']) writeFileSync(box.path(`root/names/${name}`), text);
    t.match(box.pocker('inspect', '-f', '{{.Id}}', 'lost'), { code: 0, out: `${id}\n` }, 'its record has the name, too');
    t.match(box.pocker('create', '--name', 'lost', ...none, 'busybox', 'true'), { code: 1, err: 'already in use' });
    t.match(box.pocker('run', '--rm', '--name', 'free', ...none, 'busybox', 'true'), { code: 0 }, text);
  }
  t.match(box.pocker('rm', 'lost'), { code: 0 });
  t.same(await settled(() => box.leftovers(), nothing), []);
});

void t.test('a state that is damaged while the program runs', async (t) => {
  for (const how of ['kill', 'stop', 'rm', 'end', 'pause'] as const) {
    const script = 'trap "exit 3" TERM; while [ ! -e /end ]; do sleep 0.05; done; exit 4';
    t.match(box.pocker('run', '-d', '--name', 'lost', ...none, 'busybox', 'sh', '-c', script), { code: 0 });
    const id = idOf('lost');
    const { pid } = box.state('lost');
    if (how === 'pause') t.match(box.pocker('pause', 'lost'), { code: 0 });
    writeFileSync(box.path(`root/containers/${id}/state.json`), '{"version":1,"sta');
    const up = how === 'pause' ? /^Up .*\(Paused\)/ : /^Up /;
    t.match(box.pocker('ps', '--format', '{{.Status}}'), { code: 0, out: up }, `${how}: it is not said to have ended`);
    t.match(box.pocker('rm', 'lost'), { code: 1, err: 'cannot remove a' });
    if (how === 'pause') t.match(box.pocker('unpause', 'lost'), { code: 0 }, 'and that it was paused');
    else t.match(box.pocker('start', 'lost'), { code: 0 }, 'it runs already');
    t.match(box.pocker('inspect', '-f', '{{.State.Pid}}', 'lost'), { code: 0, out: `${pid}\n` });
    if (how === 'kill') t.match(box.pocker('kill', 'lost'), { code: 0 });
    if (how === 'stop') t.match(box.pocker('stop', 'lost'), { code: 0 });
    if (how === 'end') t.match(box.pocker('exec', 'lost', 'touch', '/end'), { code: 0 });
    const code = { kill: 137, stop: 3, end: 4 }[how as string];
    if (code !== undefined) t.match(box.pocker('wait', 'lost'), { code: 0, out: `${code}\n` });
    t.match(box.pocker('rm', '-f', 'lost'), { code: 0 });
    t.same(await settled(() => box.leftovers(), nothing), []);
  }
});

void t.test('records of a newer version', async (t) => {
  box.pocker('volume', 'create', 'kept');
  for (const name of ['newer', 'other'])
    t.match(box.pocker('run', '-d', '--name', name, '-v', 'kept:/kept', ...none, 'busybox', 'sleep', '1000'), { code: 0 });
  const id = idOf('newer');
  t.match(box.pocker('rm', '-f', 'other'), { code: 0 });
  for (const name of ['container.json', 'state.json']) {
    const path = box.path(`root/containers/${id}/${name}`);
    const before = readFileSync(path, 'utf8');
    const text = JSON.stringify({ ...(JSON.parse(before) as object), version: 2, more: 'that nobody here knows' });
    writeFileSync(path, text);
    const words = `${path} is of a newer version of pocker (record version 2, supported: up to 1)`;
    for (const command of [['inspect'], ['stop'], ['start'], ['kill'], ['rm'], ['rm', '-f'], ['exec', 'newer', 'true']]) {
      const said = box.pocker(...command, ...(command[0] === 'exec' ? [] : ['newer']));
      t.not(said.code, 0, command.join(' '));
      t.ok(said.err.includes(words), command.join(' '), { said });
    }
    const listed = box.pocker('ps', '-a', '--format', '{{.Names}}');
    t.match(listed, { code: 0, out: '', err: `skipped container ${id}: ` });
    t.match(box.pocker('system', 'repair'), { code: 0 });
    t.match(box.pocker('volume', 'rm', 'kept'), { code: 1, err: 'in use' }, 'it may have that volume');
    t.match(box.pocker('volume', 'prune', '-a', '-f'), { code: 0 });
    t.match(box.pocker('volume', 'ls', '-q'), { out: 'kept\n' });
    t.equal(readFileSync(path, 'utf8'), text, 'it is kept');
    writeFileSync(path, before);
    t.match(box.pocker('exec', 'newer', 'true'), { code: 0 }, 'that version, or an older record, goes on with it');
  }
  t.match(box.pocker('rm', '-f', 'newer'), { code: 0 });
  box.pocker('volume', 'rm', 'kept');
  t.same(await settled(() => box.leftovers(), nothing), []);
});

void t.test('a log of events that is damaged', (t) => {
  const path = box.path('root/events.log');
  writeFileSync(path, Buffer.from('null\n{}\n3\n{"status":"x","Action":"\xc3', 'latin1'));
  t.match(box.pocker('volume', 'create', 'told'), { code: 0 });
  appendFileSync(path, Buffer.from('\xff\xfe\n', 'latin1'));
  t.match(box.pocker('volume', 'rm', 'told'), { code: 0 });
  const shown = box.pocker('events', '--since', '1h', '--until', '0s', '--format', '{{.Action}}');
  t.match(shown, { code: 0, out: 'create\ndestroy\n', err: '' });
  t.end();
});

function idOf(name: string): string {
  return (JSON.parse(readFileSync(box.path(`root/names/${name}`), 'utf8')) as { id: string }).id;
}

/** A separate disk for what outlives a reboot. */
function onDisk(...words: readonly string[]): Said {
  const own = ['--root', box.path('disk/root'), '--runroot', box.path('disk-run'), ...words];
  const { status, stdout, stderr } = spawnSync(box.words()[0]!, own, { encoding: 'utf8' });
  return { code: status ?? -1, out: stdout, err: stderr };
}

/** Files below the disk's root, without those that are always there. */
const onDiskFiles = (): string[] =>
  (readdirSync(box.path('disk/root'), { recursive: true }) as string[]).filter((name) => !name.startsWith('events.log')).sort();

void t.test('a full disk', async (t) => {
  mkdirSync(box.path('disk'));
  box.ok('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', box.path('disk')]);
  box.pocker('save', '-o', box.path('saved.tar'), 'busybox');
  t.match(onDisk('load', '-q', '-i', box.path('saved.tar')), { code: 0 });
  t.match(
    onDisk(
      'run',
      '-d',
      '--name',
      'before',
      ...none,
      'busybox',
      'sh',
      '-c',
      'trap "exit 5" TERM; echo set; while :; do sleep 0.1; done',
    ),
    { code: 0 },
  );
  await settled(
    () => onDisk('logs', 'before').out,
    (out) => out === 'set\n',
  );
  t.match(onDisk('run', '-d', '--name', 'always', '--restart', 'always', ...none, 'busybox', 'sleep', '1000'), { code: 0 });
  t.match(onDisk('volume', 'create', 'earlier'), { code: 0 });
  const files = onDiskFiles();
  spawnSync('dd', ['if=/dev/zero', `of=${box.path('disk/filler')}`, 'bs=4k']);
  const full = /no space left on device/i;
  t.match(onDisk('run', '--name', 'new', ...none, 'busybox', 'true'), { code: 125, err: full });
  t.match(onDisk('create', ...none, 'busybox', 'true'), { code: 1, err: full });
  t.match(onDisk('tag', 'busybox', 'other'), { code: 1, err: full });
  t.match(onDisk('volume', 'create', 'vol'), { code: 1, err: full });
  t.match(onDisk('rename', 'before', 'after'), { code: 1, err: full });
  t.same(onDiskFiles(), files, 'nothing half-made stays');
  t.match(onDisk('exec', 'before', 'true'), { code: 0 });
  t.match(onDisk('stop', '-t', '5', 'before'), { code: 0, out: 'before\n' });
  t.match(onDisk('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'before'), { code: 0, out: 'exited 5\n' });
  t.match(onDisk('stop', '-t', '0', 'always'), { code: 0, out: 'always\n' });
  t.match(onDisk('inspect', '-f', '{{.State.Status}}', 'always'), { code: 0, out: 'exited\n' }, 'it is not started again');
  t.match(onDisk('rm', 'before', 'always'), { code: 0, out: 'before\nalways\n' });
  unlinkSync(box.path('disk/filler'));
  t.match(onDisk('run', '--rm', ...none, 'busybox', 'echo', 'again'), { code: 0, out: 'again\n' });
  // What conmon calls at the end may still be running for a moment.
  const unmount = () => spawnSync('umount', [box.path('disk')]).status;
  t.equal(await settled(unmount, (status) => status === 0), 0);
});

void t.test('half of a bridge', (t) => {
  box.pocker('network', 'create', 'net');
  const { device, gateway } = JSON.parse(readFileSync(box.path('root/networks/net.json'), 'utf8')) as {
    device: string;
    gateway: string;
  };
  const ping = (): Said => box.pocker('run', '--rm', '--network', 'net', 'busybox', 'ping', '-c', '1', '-W', '5', gateway);
  t.match(ping(), { code: 0 });
  ip('address', 'flush', 'dev', device);
  t.match(ping(), { code: 0 }, 'whoever made it was killed before it had its address');
  t.match(ip('-4', 'address', 'show', device), gateway);
  t.match(box.pocker('network', 'rm', 'net'), { code: 0 });
  t.end();
});

void t.test('a network whose record is damaged while its bridge is up', async (t) => {
  const before = networkState();
  for (const [text, running] of [
    ['{', false],
    ['', true],
  ] as const) {
    box.pocker('network', 'create', 'lost');
    t.match(box.pocker('run', '-d', '--name', 'on', '--network', 'lost', 'busybox', 'sleep', '1000'), { code: 0 });
    if (!running) box.pocker('rm', '-f', 'on');
    writeFileSync(box.path('root/networks/lost.json'), text);
    if (running) {
      t.match(box.pocker('network', 'rm', 'lost'), { code: 1, err: 'has active endpoints' });
      t.match(box.pocker('rm', '-f', 'on'), { code: 0, out: 'on\n' }, 'a container leaves it');
    }
    t.not(networkState().length, before.length);
    t.match(box.pocker('network', 'rm', 'lost'), { code: 0, out: 'lost\n' });
    t.same(networkState(), before, 'no bridge and no rule is left');
  }
  t.same(await settled(() => box.leftovers(), nothing), [], 'nor who answers for its names');
});

void t.test('the same if an earlier version made the bridge, and left its mark empty', (t) => {
  const before = networkState();
  const marks = box.path('run/networks');
  const markNames = (): string[] => readdirSync(marks).filter((name) => name.endsWith('.up'));
  const others = existsSync(marks) ? markNames() : [];
  const run = () => box.pocker('run', '--rm', '--network', 'old', 'busybox', 'true');
  box.must('network', 'create', 'old');
  t.match(run(), { code: 0 });
  for (const name of markNames()) if (!others.includes(name)) writeFileSync(`${marks}/${name}`, '');
  t.match(run(), { code: 0 });
  writeFileSync(box.path('root/networks/old.json'), '{');
  t.match(box.pocker('network', 'rm', 'old'), { code: 0, out: 'old\n' });
  t.same(networkState(), before);
  t.end();
});

void t.test('a reboot while an image is unpacked', (t) => {
  const staging = box.path('root/staging/123-456');
  mkdirSync(`${staging}/layers/abc/usr`, { recursive: true });
  writeFileSync(`${staging}/layers/abc/usr/half`, 'half');
  rmSync(box.path('run'), { recursive: true, force: true });
  t.match(box.pocker('ps', '-q'), { code: 0, out: '' });
  t.notOk(existsSync(staging), 'the next command removes it');
  t.match(box.pocker('run', '--rm', ...none, 'busybox', 'echo', 'yes'), { code: 0, out: 'yes\n' });
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
