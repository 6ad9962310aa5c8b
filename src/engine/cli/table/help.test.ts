// The help texts that scripts/generate/help.mjs has made.
import t from 'tap';
import { help as runtimeHelp } from '../../../generated/help.js';
import { help } from '../../../generated/engine-help.js';
import { commands } from './commands.js';

const flat = (text: string | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ');

t.test('there is a text for the program, and one for each command', (t) => {
  t.same(Object.keys(help), ['', ...commands.map(({ name }) => name)]);
  t.end();
});

t.test('they fit a terminal of 80 columns, except for long usage lines', (t) => {
  for (const [name, text] of Object.entries({ ...runtimeHelp, ...help }))
    for (const line of text.split('\n')) if (line.length > 80) t.match(line, /^Usage: /, name);
  t.end();
});

t.test('that of the program names all commands but the hidden ones', (t) => {
  for (const { name, aliases, summary, hidden } of commands) {
    const named = [name, ...aliases].some((one) => help['']?.includes(`\n  ${one}  `));
    t.equal(named, hidden !== true, name);
    if (hidden !== true) t.ok(flat(help['']).includes(flat(summary)), summary);
  }
  t.end();
});

for (const { name, aliases, summary, usage, flags } of commands)
  t.test(`that of ${name} names all its flags but the refused ones`, (t) => {
    const text = help[name];
    t.ok(text?.includes(`\n\n${summary}\n`), summary);
    t.ok(text?.includes(` ${usage}`.trimEnd()), usage);
    for (const alias of aliases) t.match(text, `pocker ${alias}`);
    for (const { name: flag, short, type, value, refused, description } of flags) {
      const row = `${short === undefined ? '  ' : `  -${short}, `}--${flag}${type === 'boolean' ? '' : ` ${value ?? type}`}  `;
      t.equal(text?.includes(row), refused === undefined, flag);
      if (refused === undefined) t.ok(flat(text).includes(flat(description)), description);
    }
    t.end();
  });
