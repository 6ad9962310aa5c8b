// The help texts of both programs, which yargs lays out from the tables of commands. Here and not at run time, where yargs alone
// would be an eighth of the executable.
import yargs from 'yargs';
import { importSource } from './import-source.mjs';

/** `text` stands above the two tables. */
async function page(text, commands, flags) {
  // Fits a terminal of 80 columns; the same on every build machine, whatever its terminal and language.
  const layout = yargs([]).scriptName('').locale('en').wrap(80).help(false).version(false).usage(null);
  for (const { name, summary } of commands) layout.command(name, summary);
  for (const { name, alias, value, choices, default: usual, description } of flags)
    layout.option(value === undefined ? name : `${name} ${value}`, { alias, choices, defaultDescription: usual, description });
  return `${text}\n\n${await layout.getHelp()}\n`;
}

/** Each text by its command's name; the program's by ''. */
async function texts(whole, commands, one) {
  const rows = [['', await whole], ...(await Promise.all(commands.map(async (command) => [command.name, await one(command)])))];
  const lines = rows.map(([name, text]) => `  ${JSON.stringify(name)}: ${JSON.stringify(text)},\n`);
  return `export const help: Readonly<Record<string, string>> = {\n${lines.join('')}};\n`;
}

/** For pocker-runc: src/generated/help.ts. */
export async function runtimeHelp() {
  const { commands, globalFlags, standardFlags } = await importSource(
    `export { commands } from './src/cli/options.js'; export { globalFlags } from './src/cli/flags.js'; export { standardFlags } from './src/cli/parse.js';`,
  );
  const usage = 'Usage: pocker-runc [global options]';
  return texts(
    page(`pocker-runc - an OCI runtime\n\n${usage} <command> [options] [arguments]`, commands, [
      ...globalFlags,
      ...standardFlags,
    ]),
    commands,
    ({ name, summary, usage: args, flags }) =>
      page(
        `pocker-runc ${name} - ${summary}\n\n${`${usage} ${name} [options] ${args}`.trimEnd()}`,
        [],
        [...flags, ...standardFlags.filter((flag) => flag.name === 'help')],
      ),
  );
}

/** The short name that people type. */
const typed = ({ name, aliases }) => aliases.find((alias) => !alias.includes(' ')) ?? name;

/** For pocker, in docker's layout: src/generated/engine-help.ts. */
export async function engineHelp() {
  const { commands } = await importSource(`export { commands } from './src/engine/cli/table/commands.js';`);
  const listed = commands
    .filter(({ hidden }) => hidden !== true)
    .map((command) => ({ name: typed(command), summary: command.summary }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const whole = await page('\nUsage:  pocker [OPTIONS] COMMAND\n\nContainers without a daemon', listed, []);
  return texts(`${whole}\nRun 'pocker COMMAND --help' for more.\n`, commands, (command) => {
    const { name, aliases, usage, summary } = command;
    const flags = command.flags
      .filter(({ refused }) => refused === undefined)
      .map(({ short, type, value, ...flag }) => ({
        alias: short,
        value: type === 'boolean' ? undefined : (value ?? type),
        ...flag,
      }));
    const words = ['pocker', typed(command), ...(flags.length === 0 ? [] : ['[OPTIONS]']), ...(usage === '' ? [] : [usage])];
    const others = aliases.length === 0 ? '' : `\n\nAliases:\n  ${[name, ...aliases].map((one) => `pocker ${one}`).join(', ')}`;
    return page(`\nUsage:  ${words.join(' ')}\n\n${summary}${others}`, [], flags);
  });
}
