// Runs one pocker command line, from start to exit code. Loads a command's code only when it runs.
import { version } from '../generated/version.js';
import { traceHost } from '../host/trace.js';
import type { Host } from '../host/host.js';
import { Log } from '../log.js';
import { isRootless } from '../runtime/shared/privilege.js';
import type { EngineCommand } from './cli/command.js';
import { commands } from './cli/table/commands.js';
import { globalFlags, helpFlag } from './cli/global-flags.js';
import { parseGlobalFlags, parseWords, WrongCount } from './cli/parse.js';
import { needsRepair } from './records/journal.js';
import type { Engine } from './engine.js';
import { advised, Exit, usageError } from './errors.js';
import { enginePaths } from './paths.js';

/** Runs the command line `host.args`. Resolves to the exit code; never rejects. */
export async function main(host: Host): Promise<number> {
  let log = new Log(host, { program: 'pocker', format: 'text', level: 'info' });
  let failure = 1;
  try {
    const { values, args } = parseGlobalFlags(host.args, [...globalFlags, helpFlag]);
    if (values['debug'] === true) log = new Log(host, { program: 'pocker', format: 'text', level: 'debug' });
    if (values['version'] === true) return showVersion(host);
    if (args.length === 0 || values['help'] === true || args[0] === 'help')
      return await showHelp(host, args[0] === 'help' ? args.slice(1) : args);
    const { command, words } = find(args);
    failure = command.failure ?? failure;
    return await carryOut(command, words, open(host, log, values));
  } catch (caught) {
    if (caught instanceof Exit) return caught.code;
    log.error(advised(caught));
    return caught instanceof WrongCount ? 1 : failure;
  }
}

function showVersion(host: Host): number {
  host.write(1, `pocker version ${version}\n`);
  return 0;
}

function open(host: Host, log: Log, values: { readonly root?: unknown; readonly runroot?: unknown }): Engine {
  const rootless = isRootless(host);
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const paths = enginePaths(host, rootless, { root: text(values.root), run: text(values.runroot) });
  return { host: log.enabled('debug') ? traceHost(host, (line) => log.debug(line)) : host, log, paths, rootless };
}

/** "container ls" and "ps" are one command; tries two words before one. */
function find(words: readonly string[]): { readonly command: EngineCommand; readonly words: readonly string[] } {
  for (const count of [2, 1]) {
    const said = words.slice(0, count).join(' ');
    const command = commands.find(({ name, aliases }) => name === said || aliases.includes(said));
    if (command !== undefined) return { command, words: words.slice(count) };
  }
  throw usageError(`${JSON.stringify(words[0])} is not a pocker command`);
}

/** Called by commands that have done this, or before anything exists. */
const unrepaired = ['version', 'system anchor', 'network work'];

async function carryOut(command: EngineCommand, words: readonly string[], engine: Engine): Promise<number> {
  const { values, args } = parseWords(command, words, [helpFlag]);
  if (values['help'] === true) return showHelp(engine.host, command.name.split(' '));
  if (engine.host.euid !== 0 && command.name !== 'version') {
    const { enterNamespaces } = await import('./rootless.js');
    enterNamespaces(engine);
  }
  if (!unrepaired.includes(command.name)) await repairWhatIsLeft(engine);
  const { run } = await command.load();
  return run({ engine, values, args, commands });
}

/** Repairs what a killed command or a reboot has left. */
async function repairWhatIsLeft(engine: Engine): Promise<void> {
  if (!needsRepair(engine)) return;
  const { repair } = await import('./containers/repair.js');
  repair(engine);
}

async function showHelp(host: Host, words: readonly string[]): Promise<number> {
  const of = words.length === 0 ? '' : find(words).command.name;
  const { help } = await import('../generated/engine-help.js');
  host.write(1, help[of]!);
  return 0;
}
