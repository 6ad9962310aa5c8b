// Help texts, laid out by yargs from the table of commands.
import yargsBrowser from 'yargs/browser';
import type { Argv } from 'yargs';
import type { Host } from '../host/host.js';
import type { Command, Flag } from './command.js';
import { globalFlags } from './flags.js';
import { commands } from './options.js';
import { standardFlags } from './parse.js';

const program = 'pocker-runc';

/** The build of yargs that needs nothing from Node has no types of its own. */
const newYargs = yargsBrowser as unknown as () => Argv;

function option(flag: Flag): object {
  return {
    type: flag.type === 'boolean' ? 'boolean' : 'string',
    ...(flag.alias === undefined ? {} : { alias: flag.alias }),
    ...(flag.choices === undefined ? {} : { choices: flag.choices }),
    ...(flag.default === undefined ? {} : { default: flag.default }),
    description: flag.description,
  };
}

function page(usage: string, flags: readonly Flag[], listed: readonly Command[]): string {
  let yargs = newYargs().scriptName(program).usage(usage).version(false).help(false).wrap(100);
  for (const { name, usage: args, summary } of listed)
    yargs = yargs.command(`${name} ${args}`.replace(/<[^>]*>|\[[^\]]*\]/g, '').trim(), summary);
  for (const flag of flags) yargs = yargs.option(flag.name, option(flag));
  let text = '';
  yargs.showHelp((help: string) => {
    text = help;
  });
  return `${text}\n`;
}

/** Prints the help of one command, or of the whole program. */
export function printHelp(host: Host, command?: Command): void {
  const text =
    command === undefined
      ? page(
          `${program} - an OCI runtime\n\nUsage: ${program} [global options] <command> [options] [arguments]`,
          [...globalFlags, ...standardFlags],
          commands,
        )
      : page(
          `${program} ${command.name} - ${command.summary}\n\nUsage: ${program} [global options] ${command.name} [options] ${command.usage}`.trimEnd(),
          [...command.flags, ...standardFlags.slice(0, 1)],
          [],
        );
  host.write(1, text);
}
