// What commands show about containers: ps, inspect, logs, top, stats, port, events, system, completion.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { exits, pockerTest, type Pocker, type Tap } from '../harness/pocker.js';

const quick = ['--network', 'none'];

function lines(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

async function until(t: Tap, what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition() && performance.now() < deadline) await sleep(50);
  t.ok(condition(), what);
}

pockerTest('ps and inspect', (t, pocker) => {
  const id = pocker.must('run', '-d', ...quick, '--name', 'web', '-l', 'app=x', '--memory', '32m', 'busybox', 'sleep', '1000');
  exits(t, pocker.call(['run', ...quick, '--name', 'ended', 'busybox', 'sh', '-c', 'exit 3']), 3);
  pocker.must('create', ...quick, '--name', 'made', 'busybox', 'true');

  const [heading, row, ...none] = lines(pocker.must('ps'));
  t.match(heading, /^CONTAINER ID {3}IMAGE {5}COMMAND {8,}CREATED +STATUS +PORTS {5}NAMES$/);
  t.match(row, new RegExp(`^${id.slice(0, 12)} {3}busybox {3}"sleep 1000" {3}.+ago {3}Up .* web$`));
  t.same(none, []);
  t.equal(pocker.must('ps', '-q', '--no-trunc'), id);
  t.same(lines(pocker.must('ps', '-a', '--format', '{{.Names}} {{.State}}')), ['made created', 'ended exited', 'web running']);
  t.match(pocker.must('ps', '-a', '--filter', 'name=ended', '--format', '{{.Status}}'), /^Exited \(3\) .+ ago$/);
  t.equal(pocker.must('ps', '-l', '--format', 'table {{.Names}}\\t{{.Status}}'), 'NAMES     STATUS\nmade      Created');
  const filters: Readonly<Record<string, readonly string[]>> = {
    'label=app=x': ['web'],
    'status=created': ['made'],
    'exited=3': ['ended'],
    'ancestor=busybox': ['made', 'ended', 'web'],
    'since=web': ['made', 'ended'],
    'network=none': ['made', 'ended', 'web'],
    'name=^we': ['web'],
    [`id=${id.slice(0, 8)}`]: ['web'],
  };
  for (const [filter, names] of Object.entries(filters))
    t.same(lines(pocker.must('ps', '-a', '-f', filter, '--format', '{{.Names}}')), names, filter);
  t.match(JSON.parse(pocker.must('ps', '--format', 'json')), {
    Names: 'web',
    Image: 'busybox',
    State: 'running',
    Labels: 'app=x',
  });
  t.match(exits(t, pocker.call(['ps', '--filter', 'nope=1']), 1).stderr, /invalid filter 'nope'/);
  t.match(exits(t, pocker.call(['ps', '--format', '{{.ID']), 1).stderr, /unclosed action/);

  const [found] = JSON.parse(pocker.must('inspect', 'web')) as [Record<string, unknown>];
  t.match(found, { Id: id, Name: '/web', State: { Status: 'running', Running: true }, HostConfig: { Memory: 33_554_432 } });
  t.equal(pocker.must('inspect', '-f', '{{.State.ExitCode}} {{.HostConfig.NetworkMode}}', 'ended'), '3 none');
  t.equal(pocker.must('inspect', '-f', '{{index .Config.Labels "app"}}', 'web'), 'x');
  t.equal(pocker.must('inspect', '-f', '{{.Os}} {{join .RepoTags ","}}', 'busybox'), 'linux busybox:latest');
  t.equal(pocker.must('inspect', '-f', '{{.Driver}}', 'bridge'), 'bridge');
  const missing = exits(t, pocker.call(['inspect', 'nope']), 1);
  t.equal(missing.stdout.trim(), '[]');
  t.match(missing.stderr, /No such object: nope/);
  exits(t, pocker.call(['inspect', '-f', '{{.Id', 'web']), 64);
  t.match(exits(t, pocker.call(['inspect', '--type', 'container', 'busybox']), 1).stderr, /No such container: busybox/);

  t.match(pocker.must('top', 'web'), /^UID +PID +PPID .*CMD\nroot .* sleep 1000$/);
  t.match(exits(t, pocker.call(['top', 'ended']), 1).stderr, /is not running/);
  const stats = lines(pocker.must('stats', '--no-stream'));
  t.match(stats[0], /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS$/);
  t.match(stats[1], /web +[\d.]+% +[\d.]+\w+ \/ 32MiB .* 1$/);
  t.match(exits(t, pocker.call(['port', 'web', '80']), 1).stderr, /No public port '80\/tcp' published for web/);
  pocker.must('rm', '-f', 'web', 'ended', 'made');
});

pockerTest('logs', async (t, pocker) => {
  const script = 'echo error >&2; sleep 0.3; for i in 1 2 3 4 5; do echo line $i; done; printf "no end"';
  pocker.must('run', ...quick, '--name', 'past', 'busybox', 'sh', '-c', script);
  const all = exits(t, pocker.call(['logs', 'past']));
  t.equal(all.stdout, 'line 1\nline 2\nline 3\nline 4\nline 5\nno end');
  t.equal(all.stderr, 'error\n');
  t.equal(pocker.call(['logs', '--tail', '3', 'past']).stdout, 'line 4\nline 5\nno end');
  t.equal(pocker.call(['logs', '--tail', '0', 'past']).stdout, '');
  t.match(lines(pocker.call(['logs', '-t', 'past']).stdout)[0], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line 1$/);
  t.equal(pocker.call(['logs', '--since', '1h', 'past']).stdout, all.stdout);
  t.equal(pocker.call(['logs', '--until', '1h', 'past']).stdout, '');
  t.match(exits(t, pocker.call(['logs', '--since', 'never', 'past']), 1).stderr, /failed to parse value as time or duration/);
  t.match(exits(t, pocker.call(['logs', 'nope']), 1).stderr, /No such container: nope/);

  pocker.must('run', '-d', ...quick, '--name', 'now', 'busybox', 'sh', '-c', 'for i in 1 2 3 4; do echo $i; sleep 0.3; done');
  t.equal(exits(t, pocker.call(['logs', '-f', 'now'])).stdout, '1\n2\n3\n4\n', 'until it ends');
  await until(t, 'its end is known', () => pocker.must('ps', '-a', '-f', 'name=now', '--format', '{{.State}}') === 'exited');
  pocker.must('rm', 'past', 'now');
});

pockerTest('events', async (t, pocker) => {
  const [program = '', ...words] = pocker.words(
    'events',
    '--filter',
    'type=container',
    '--format',
    '{{.Action}} {{.Actor.Attributes.name}}',
  );
  const watcher = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let seen = '';
  watcher.stdout.on('data', (data: Buffer) => (seen += data.toString()));
  try {
    await sleep(1000);
    pocker.must('run', ...quick, '--name', 'short', 'busybox', 'true');
    pocker.must('rm', 'short');
    await until(t, 'destroy is seen', () => seen.includes('destroy short'));
  } finally {
    watcher.kill();
  }
  t.same(lines(seen.trim()), ['create short', 'start short', 'die short', 'destroy short']);
  const past = lines(pocker.must('events', '--since', '1h', '--until', '0s', '--filter', 'event=die'));
  t.equal(past.length, 1);
  t.match(
    past[0],
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d container die [0-9a-f]{64} \(.*exitCode=0.*name=short.*\)$/,
  );
  const filtered = (filter: string): string => pocker.must('events', '--since', '1h', '--until', '0s', '--filter', filter);
  t.equal(filtered('label=constructor'), '', 'attributes have no names of JavaScript');
  const [json] = lines(pocker.must('events', '--since', '1h', '--until', '0s', '--format', 'json', '--filter', 'event=create'));
  t.match(JSON.parse(json!), { status: 'create', from: 'busybox', Type: 'container', Actor: { Attributes: { name: 'short' } } });
});

function prunes(t: Tap, pocker: Pocker): void {
  const ended = pocker.must('create', ...quick, 'busybox', 'true');
  const asked = exits(t, pocker.call(['container', 'prune']));
  t.match(asked.stdout, /WARNING! This will remove all stopped containers\.\nAre you sure you want to continue\? \[y\/N\]/);
  t.equal(pocker.must('ps', '-aq'), ended.slice(0, 12), 'no answer is no');
  t.match(pocker.must('container', 'prune', '-f'), new RegExp(`^Deleted Containers:\n${ended}\n\nTotal reclaimed space: 0B$`));
  pocker.must('create', ...quick, 'busybox', 'true');
  t.match(
    pocker.must('system', 'prune', '-a', '-f'),
    /^Deleted Containers:\n[^]*Deleted Images:\nuntagged: busybox:latest\n[^]*Total reclaimed space: /,
  );
  t.equal(pocker.must('images', '-q'), '');
}

pockerTest('system', (t, pocker) => {
  const info = JSON.parse(pocker.must('info', '--format', 'json')) as Record<string, unknown>;
  t.match(info, { Containers: 0, Images: 1, OSType: 'linux', DefaultRuntime: 'pocker-runc' });
  t.match(pocker.must('info'), /^Containers: 0\n Running: 0\n/);
  t.match(pocker.must('version', '--format', '{{.Server.Version}}'), /^\d+\.\d+\.\d+/);
  t.match(pocker.must('system', 'df'), /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +1 +0 +\S+B +\S+B \(\d+%\)\n/);
  t.match(pocker.must('system', 'repair'), /^Restarted containers: 0\n/);
  const completed = (...words: string[]): string[] => lines(pocker.must('completion', 'words', '--', ...words));
  t.ok(['run', 'ps', 'network', 'system'].every((word) => completed().includes(word)));
  t.ok(['create', 'ls', 'rm'].every((word) => completed('network').includes(word)));
  t.ok(completed('run').includes('busybox:latest') && completed('run').includes('--rm'));
  t.same(completed('run', 'busybox'), []);
  t.match(pocker.must('completion', 'bash'), /complete -o default -F _pocker pocker/);
  prunes(t, pocker);
});
