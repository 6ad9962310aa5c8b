// Runs one command line, from start to exit code. The code of a command is loaded only when it runs.
import { fromHost, PockerError } from '../errors.js';
import { traceHost } from '../host/trace.js';
import type { Host } from '../host/host.js';
import { Log, toPockerError, type Level } from '../log.js';
import { absolute, type Globals, type Values } from './invocation.js';
import type { Command } from './command.js';
import { globalFlags } from './flags.js';
import { commands } from './options.js';
import { defaultRoot, isRootless } from '../runtime/shared/privilege.js';
import { parseCommand, parseGlobals, standardFlags, usageError } from './parse.js';

/** Exit code of every failure, except that of a program that `run` stands in for. */
const failure = 1;

/** Runs the command line `host.args`. Resolves to the exit code (docs/errors.md); never rejects. */
export async function main(host: Host): Promise<number> {
  let log = new Log(host, { format: 'text', level: 'info' });
  try {
    const { values, args } = parseGlobals(host.args, [...globalFlags, ...standardFlags]);
    log = openLog(host, values);
    return await dispatch(host, log, values, args);
  } catch (caught) {
    log.error(caught);
    return failure;
  }
}

function openLog(host: Host, values: Values): Log {
  const file = logFile(host, String(values['log'] ?? ''));
  const level = values['debug'] === true ? 'debug' : ((values['log-level'] ?? 'info') as Level);
  const log = new Log(host, { ...file, level, format: values['log-format'] === 'json' ? 'json' : 'text' });
  log.open();
  return log;
}

/** crun accepts prefixes that say where the log goes. */
function logFile(host: Host, text: string): { readonly file?: string } {
  const [, kind, rest = ''] = /^(file|journald|syslog):(.*)$/s.exec(text) ?? [];
  if (kind === 'journald' || kind === 'syslog') throw usageError(`--log ${kind}: not supported`, 'Give a file');
  const path = kind === 'file' ? rest : text;
  return path === '' ? {} : { file: absolute(host, path) };
}

async function dispatch(host: Host, log: Log, values: Values, args: readonly string[]): Promise<number> {
  const [name, ...words] = args;
  if (values['version'] === true) return version(host);
  if (name === undefined || name === 'help' || name === 'h' || values['help'] === true)
    return showHelp(host, words[0] ?? (values['help'] === true ? name : undefined));
  const command = find(name);
  const parsed = parseCommand(command, words);
  if (parsed.values['help'] === true) return showHelp(host, name);
  const { run } = await command.load();
  const table = { globals: globalFlags, commands };
  const invocation = { log, globals: readGlobals(host, values), values: parsed.values, args: parsed.args, table };
  const carryOut = (host: Host): number => attempt(log, command, () => run({ ...invocation, host }));
  const told = log.enabled('debug') ? traceHost(host, (text) => log.debug(text)) : host;
  return values['trace'] === undefined ? carryOut(told) : withTrace(told, log, { name, file: String(values['trace']), carryOut });
}

interface Traced {
  readonly name: string;
  readonly file: string;
  readonly carryOut: (host: Host) => number;
}

/** Traces the command as the outermost event. A trace that cannot be written does not fail the command. */
async function withTrace(host: Host, log: Log, { name, file, carryOut }: Traced): Promise<number> {
  const { Trace } = await import('../trace-events.js');
  const trace = new Trace(host);
  try {
    return trace.span(name, '', () => carryOut(trace.host));
  } finally {
    try {
      trace.write(absolute(host, file));
    } catch (caught) {
      log.warn(fromHost('E_HOST', `cannot add to the trace ${file}`, caught).message);
    }
  }
}

/** Once the flags are understood, a failure may have the command's own exit code. */
function attempt(log: Log, { name, failure: code = failure }: Command, body: () => number): number {
  try {
    return body();
  } catch (caught) {
    const error = toPockerError(caught);
    if (code === failure) throw error;
    log.error(new PockerError(error.code, `${name} failed: ${error.message}`, error.details));
    return code;
  }
}

function find(name: string): Command {
  const command = commands.find((one) => one.name === name);
  if (command === undefined) throw usageError(`no such command: ${JSON.stringify(name)}`, 'List commands with --help');
  return command;
}

async function version(host: Host): Promise<number> {
  (await import('./commands/version.js')).printVersion(host);
  return 0;
}

async function showHelp(host: Host, name: string | undefined): Promise<number> {
  const of = name === undefined ? '' : find(name).name;
  const { help } = await import('../generated/help.js');
  host.write(1, help[of]!);
  return 0;
}

function readGlobals(host: Host, values: Values): Globals {
  const manager = values['systemd-cgroup'] === true ? 'systemd' : (values['cgroup-manager'] ?? 'cgroupfs');
  const rootless = values['rootless'] ?? 'auto';
  const root = values['root'];
  if (root === '') throw new PockerError('E_USAGE', '--root needs a directory');
  return {
    root: root === undefined ? defaultRoot(host) : absolute(host, String(root)).replace(/(?<=.)\/+$/, ''),
    rootGiven: root !== undefined,
    cgroupManager: manager as Globals['cgroupManager'],
    // Asks the kernel, which most commands do not need.
    get rootless() {
      return rootless === 'auto' ? isRootless(host) : rootless === 'true';
    },
    strict: values['strict'] === true,
  };
}
