// The parts of listings and logs.
import t from 'tap';
import { candidates } from '../candidates.js';
import { commands } from '../table/commands.js';
import { globalFlags } from '../global-flags.js';
import type { Engine } from '../../engine.js';
import { LogLine } from '../../containers/log-lines.js';
import { containerFilters, isSelected } from './filters.js';
import { portsText } from './ports-text.js';
import { never, type ContainerState } from '../../records/container.js';
import { ellipsis } from './rows.js';
import { statusText } from './status-text.js';
import type { StoredContainer } from '../../records/container-store.js';

const on = (HostPort: string, HostIp = '0.0.0.0') => [{ HostIp, HostPort }];

t.test('ports: neighbours are one range', (t) => {
  t.equal(portsText({ '80/tcp': on('8080') }, {}), '0.0.0.0:8080->80/tcp');
  t.equal(portsText({ '80/tcp': on('8080'), '81/tcp': on('8081'), '82/tcp': on('8082') }, {}), '0.0.0.0:8080-8082->80-82/tcp');
  t.equal(portsText({ '80/tcp': on('9000'), '81/tcp': on('8081') }, {}), '0.0.0.0:9000->80/tcp, 0.0.0.0:8081->81/tcp');
  t.equal(portsText({ '80/tcp': on('8080'), '85/tcp': on('8081') }, {}), '0.0.0.0:8080->80/tcp, 0.0.0.0:8081->85/tcp');
  t.equal(
    portsText({ '53/udp': on('53', '127.0.0.1'), '53/tcp': on('53', '::1') }, { '443/tcp': {}, '53/udp': {} }),
    '127.0.0.1:53->53/udp, [::1]:53->53/tcp, 443/tcp',
  );
  t.equal(portsText({}, { '80/tcp': {}, '81/tcp': {} }), '80-81/tcp');
  t.end();
});

t.test('filters', (t) => {
  const selects = (status: string, filter: string): boolean => {
    const container = {
      record: { config: { Labels: { tier: 'web' } }, mounts: [], networks: { front: {} }, hostConfig: { NetworkMode: 'front' } },
      state: { status, exitCode: 0, endpoints: {} },
    };
    return isSelected({} as Engine, container as unknown as StoredContainer, containerFilters({ filter: [filter] }));
  };
  t.ok(selects('exited', 'exited=0'));
  t.notOk(selects('running', 'exited=0'), 'a container that runs has no exit code');
  t.ok(selects('exited', 'network=front'));
  t.notOk(selects('exited', 'network=constructor'), 'it has no network of that name');
  t.ok(selects('running', 'label=tier'));
  t.ok(selects('running', 'label=tier=web'));
  t.notOk(selects('running', 'label=tier=db'));
  for (const name of ['other', 'constructor']) t.notOk(selects('running', `label=${name}`), name);
  t.end();
});

t.test('states', (t) => {
  const now = Date.parse('2024-05-06T07:08:09Z');
  const text = (change: Partial<ContainerState>): string =>
    statusText(
      { startedAt: '2024-05-06T07:05:09Z', finishedAt: '2024-05-06T07:08:04Z', exitCode: 0, ...change } as ContainerState,
      now,
    );
  t.equal(text({ status: 'created', startedAt: never }), 'Created');
  t.equal(text({ status: 'running' }), 'Up 3 minutes');
  t.equal(
    text({ status: 'running', health: { Status: 'starting', FailingStreak: 0, Log: [] } }),
    'Up 3 minutes (health: starting)',
  );
  t.equal(text({ status: 'running', health: { Status: 'unhealthy', FailingStreak: 3, Log: [] } }), 'Up 3 minutes (unhealthy)');
  t.equal(text({ status: 'paused' }), 'Up 3 minutes (Paused)');
  t.equal(text({ status: 'exited', exitCode: 137 }), 'Exited (137) 5 seconds ago');
  t.equal(text({ status: 'restarting', exitCode: 1 }), 'Restarting (1) 5 seconds ago');
  t.same(
    [ellipsis('abc', 3), ellipsis('abcd', 3), ellipsis('😀😀😀', 3), ellipsis('😀😀😀😀', 3)],
    ['abc', 'ab…', '😀😀😀', '😀😀…'],
  );
  t.end();
});

t.test('lines of a log', (t) => {
  const time = '2024-05-06T07:08:09.123456789+00:00';
  const line = (rest: string): LogLine => {
    const bytes = new TextEncoder().encode(`before\n${time} ${rest}\nafter`);
    return new LogLine(bytes, 7, bytes.length - 6).copy();
  };
  const textOf = (one: LogLine): string => new TextDecoder().decode(one.text);
  t.match(line('stderr F a b'), { time, stream: 'stderr', full: true });
  t.equal(textOf(line('stderr F a b')), 'a b\n');
  t.match(line('stdout P x'), { stream: 'stdout', full: false });
  t.equal(textOf(line('stdout P x')), 'x');
  t.equal(textOf(line('stdout F ')), '\n');
  t.end();
});

t.test('completion', (t) => {
  const next = (...words: string[]) => candidates(commands, globalFlags, words);
  t.ok(next().words.includes('run'));
  t.ok(next('--root', '/x').words.includes('ps'));
  t.same(next('--root'), { words: [], kinds: [] });
  t.same(next('rm').kinds, ['containers']);
  t.same(next('rm', '-f', 'one').kinds, ['containers'], 'any number of them');
  t.same(next('port', 'one').kinds, []);
  t.same(next('run', '-e', 'A=1').kinds, ['images']);
  t.same(next('run', '--network').kinds, ['networks']);
  t.same(next('inspect').kinds, ['containers', 'images']);
  t.same(next('completion').words, ['bash', 'fish', 'zsh']);
  t.ok(next('system').words.includes('prune'));
  t.same(next('nope'), { words: [], kinds: [] });
  t.end();
});
