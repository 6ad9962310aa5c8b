import t from 'tap';
import { PockerError } from '../errors.js';
import type { Command } from './command.js';
import { globalFlags } from './flags.js';
import { commands } from './options.js';
import { parseCommand, parseGlobals, standardFlags } from './parse.js';

const globals = (...words: string[]) => parseGlobals(words, [...globalFlags, ...standardFlags]);
const command = (name: string): Command => commands.find((one) => one.name === name)!;
const parsed = (name: string, ...words: string[]) => parseCommand(command(name), words);

function message(body: () => unknown): string {
  try {
    body();
  } catch (caught) {
    return caught instanceof PockerError && caught.code === 'E_USAGE' ? caught.message : String(caught);
  }
  return 'no error';
}

t.test('the last of several flags counts, but lists take all values', (t) => {
  t.equal(parsed('create', '--bundle', 'a', '--bundle=b', 'id').values['bundle'], 'b');
  t.equal(parsed('create', '--preserve-fds', '1', '--preserve-fds', '2', 'id').values['preserve-fds'], 2);
  t.equal(parsed('delete', '--force', '--force=false', 'id').values['force'], false);
  t.same(parsed('exec', '-e', 'A=1', '-e', 'A=2', 'id', 'sh').values['env'], ['A=1', 'A=2']);
  t.end();
});

t.test('a flag in every spelling', (t) => {
  for (const words of [['--root', '/r'], ['--root=/r'], ['-root', '/r'], ['-root=/r']]) {
    t.same(globals(...words, 'list', '-q'), { values: { root: '/r' }, args: ['list', '-q'] }, words.join(' '));
  }
  t.same(globals('--debug', '--systemd-cgroup=false', 'state', 'x').values, { debug: true, 'systemd-cgroup': false });
  t.same(globals('-v').values, { version: true });
  t.end();
});

t.test('a value may look like anything', (t) => {
  t.same(globals('--log', '-', 'list').values, { log: '-' });
  t.same(globals('--log', '--root', 'list').values, { log: '--root' });
  t.same(globals('--log=a=b', 'list').values, { log: 'a=b' });
  t.same(globals('--log', '', 'list'), { values: { log: '' }, args: ['list'] });
  t.same(globals('--root', 'true', 'list').values, { root: 'true' });
  t.end();
});

t.test('-- ends the global flags', (t) => {
  t.same(globals('--debug', '--', 'list', '-q'), { values: { debug: true }, args: ['list', '-q'] });
  t.end();
});

t.test('flags on either side of the arguments', (t) => {
  const expected = { values: { bundle: '/b', 'preserve-fds': 3, 'no-pivot': true }, args: ['id'] };
  t.same(parsed('create', '--bundle', '/b', '--preserve-fds', '3', '--no-pivot', 'id'), expected);
  t.same(parsed('create', 'id', '-b', '/b', '-no-pivot', '-preserve-fds=3'), expected);
  t.same(parsed('create', '-b=/b', 'id', '--no-pivot=true', '--preserve-fds=3'), expected);
  t.same(parsed('kill', '--all', 'id', '9'), { values: { all: true }, args: ['id', '9'] });
  t.same(parsed('kill', 'id', 'SIGTERM', '-a'), { values: { all: true }, args: ['id', 'SIGTERM'] });
  t.end();
});

t.test('arguments stay as they are', (t) => {
  t.same(parsed('delete', '--force', 'true').args, ['true'], 'not a value of the flag before it');
  t.same(parsed('state', '007').args, ['007'], 'not a number');
  t.same(parsed('state', '1e3').args, ['1e3']);
  t.same(parsed('state', '--', '--force').args, ['--force']);
  t.same(parsed('state', '').args, ['']);
  t.same(parsed('state', '__proto__').args, ['__proto__']);
  t.same(parsed('run', 'a.b', '--no-subreaper'), { values: { 'no-subreaper': true }, args: ['a.b'] });
  t.end();
});

t.test("errors, in runc's words", (t) => {
  t.equal(
    message(() => globals('--foo', 'list')),
    'flag provided but not defined: -foo',
  );
  t.equal(
    message(() => parsed('list', '-x')),
    'flag provided but not defined: -x',
  );
  t.equal(
    message(() => parsed('create', '-b')),
    'flag needs an argument: -b',
  );
  t.equal(
    message(() => parsed('state')),
    '"state" requires exactly 1 argument(s)',
  );
  t.equal(
    message(() => parsed('kill')),
    '"kill" requires at least 1 argument(s)',
  );
  t.equal(
    message(() => parsed('kill', 'a', 'b', 'c')),
    '"kill" requires at most 2 argument(s)',
  );
  t.match(
    message(() => parsed('create', '--preserve-fds', 'x', 'id')),
    /preserve-fds.*not a number/,
  );
  t.match(
    message(() => parsed('create', '--preserve-fds=-1', 'id')),
    /preserve-fds/,
  );
  t.match(
    message(() => globals('--log-format', 'xml', 'list')),
    /"xml" for --log-format/,
  );
  t.match(
    message(() => globals('--debug=perhaps', 'list')),
    /invalid boolean value "perhaps"/,
  );
  t.match(
    message(() => parsed('state', '__proto__', '--__proto__')),
    /not defined: -__proto__/,
  );
  t.end();
});

t.test('help needs no arguments', (t) => {
  for (const { name } of commands) t.equal(parsed(name, '--help').values['help'], true, name);
  t.end();
});
