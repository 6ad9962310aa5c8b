import t from 'tap';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { shells } from './completion.js';
import { globalFlags } from './flags.js';
import { commands } from './options.js';

const table = { globals: globalFlags, commands };
const script = (shell: string): string => shells[shell]?.(table) ?? '';

function complete(...words: string[]): string[] {
  const program = `${script('bash')}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pocker_runc; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', program, 'bash', ...words], { encoding: 'utf8' });
  t.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

t.test('bash', (t) => {
  t.same(complete('x', 'upd'), ['update']);
  t.same(complete('x', '--root', '/r', 'sta'), ['start', 'state']);
  t.same(complete('x', 'kill', '--'), ['--all', '--regex']);
  t.same(complete('x', 'mounts', 'a'), ['add']);
  t.same(complete('/bin/echo', 'mounts', 'add', ''), ['list', '-q']);
  t.same(complete('/bin/echo', 'mounts', 'add', 'id', ''), [], 'a file');
  t.same(complete('x', 'completion', 'z'), ['zsh']);
  t.same(complete('x', '--log', 'list', 'features', '--'), []);
  t.same(complete('/bin/echo', '--root', '/r', 'kill', ''), ['--root', '/r', 'list', '-q'], 'ids come from the same program');
  t.end();
});

t.test('every script has every command and flag', (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const text = script(shell);
    for (const { name, flags } of commands) {
      t.ok(text.includes(name), `${shell}: ${name}`);
      for (const flag of flags)
        t.ok(text.includes(`-${flag.name}`) || text.includes(`-l ${flag.name}`), `${shell}: ${flag.name}`);
    }
  }
  t.end();
});

for (const shell of ['bash', 'zsh', 'fish']) {
  const missing = spawnSync(shell, ['-c', 'true']).status !== 0;
  t.test(`${shell} accepts it`, { skip: missing ? `${shell} is not installed` : false }, (t) => {
    // fish cannot read a script from a socket, which is what spawnSync makes of standard input.
    const file = join(t.testdir({ script: script(shell) }), 'script');
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    t.equal(status, 0, stderr);
    t.end();
  });
}
