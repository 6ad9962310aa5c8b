// The harness itself: a script whose "engine" is the shell.
import t from 'tap';
import type { CommandResult } from '../../harness/command.js';
import { engine, mismatch, Session } from './engine.js';

class Shell extends Session {
  client(args: readonly string[]): Promise<CommandResult> {
    return this.site.command('/bin/sh', ['-c', ...args]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const shell = engine<Shell>({
  name: 'shell',
  packages: [],
  tools: [],
  open: (site) => Promise.resolve(new Shell(site)),
  steps: [
    { name: 'works', run: (session) => session.client(['echo yes']), expect: { stdout: /^yes$/m } },
    { name: 'wrong output', run: (session) => session.client(['echo no']), expect: { stdout: /^yes$/m } },
    { name: 'wrong code', run: (session) => session.client(['echo why >&2; exit 3']) },
    { name: 'throws before', run: async (session) => (await session.ok('exit 4'), session.client(['true'])) },
    { name: 'goes on', run: (session) => session.client(['exit 5']), expect: { code: 5 } },
  ],
});

t.test('a script continues after a failing step, and reports what each command said', async (t) => {
  const results = await shell.run({ label: 'none', path: '/bin/false' });
  t.same(
    results.map(({ name, ok }) => `${ok ? 'ok' : 'not ok'} ${name}`),
    [
      'ok start',
      'ok works',
      'not ok wrong output',
      'not ok wrong code',
      'not ok throws before',
      'ok goes on',
      'ok end',
      'ok nothing is left',
    ],
  );
  const said = new Map(results.map((one) => [one.name, one.said]));
  t.match(said.get('wrong output'), /stdout .*yes.* expected; exit code 0: no/);
  t.match(said.get('wrong code'), /exit code 0 expected; exit code 3: why/);
  t.match(said.get('throws before'), /exit 4: exit code 4/);
});

t.test('an engine that does not start ends its script', async (t) => {
  const broken = engine<Shell>({
    name: 'broken',
    packages: [],
    tools: [],
    open: () => Promise.reject(new Error('no start')),
    steps: [],
  });
  const results = await broken.run({ label: 'none', path: '/bin/false' });
  t.match(results, [
    { name: 'start', ok: false, said: 'no start' },
    { name: 'nothing is left', ok: true },
  ]);
});

t.test('a command that is killed at its deadline says so', (t) => {
  const result = { command: 'x', code: 137, stdout: '', stderr: '', milliseconds: 1, timedOut: true };
  t.match(mismatch(result), /killed at its deadline/);
  t.end();
});
