// The help texts that scripts/generate/help.mjs has made.
import t from 'tap';
import { help } from '../generated/help.js';
import { globalFlags } from './flags.js';
import { commands } from './options.js';
import { standardFlags } from './parse.js';
import type { Flag } from './table.js';

/** The names of a flag as its row shows them, and its value. */
function shown({ name, alias, type, value }: Flag): RegExp {
  const names = alias === undefined ? `    --${name}` : `-${alias}, --${name}`;
  const escaped = (text: string): string => text.replaceAll(/[^\w ]/g, '\\$&');
  return new RegExp(`^  ${escaped(names)}${type === 'boolean' ? '' : ` ${escaped(value ?? '?')}`}  +\\S`, 'm');
}

const flat = (text: string | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ');

t.test('there is a text for the program, and one for each command', (t) => {
  t.same(Object.keys(help), ['', ...commands.map(({ name }) => name)]);
  t.end();
});

t.test('that of the program names all commands and global flags', (t) => {
  for (const flag of [...globalFlags, ...standardFlags]) {
    t.match(help[''], shown(flag), flag.name);
    t.ok(flat(help['']).includes(flat(flag.description)), flag.description);
  }
  for (const { name, summary } of commands) {
    t.match(help[''], new RegExp(`^  ${name}  +\\S`, 'm'), name);
    t.ok(flat(help['']).includes(flat(summary)), summary);
  }
  t.end();
});

for (const { name, summary, usage, flags } of commands)
  t.test(`that of ${name} names all its flags, with their values, choices and defaults`, (t) => {
    const text = help[name];
    t.ok(text?.startsWith(`pocker-runc ${name} - ${summary}\n`));
    t.match(text, `[options] ${usage}`.trimEnd());
    for (const flag of [...flags, ...standardFlags.slice(0, 1)]) t.match(text, shown(flag), flag.name);
    for (const { description, choices, default: usual } of flags) {
      t.ok(flat(text).includes(flat(description)), description);
      if (choices !== undefined) t.match(flat(text), `[choices: ${choices.map((choice) => `"${choice}"`).join(', ')}]`);
      if (usual !== undefined) t.match(flat(text), `[default: ${usual}]`);
    }
    t.end();
  });
