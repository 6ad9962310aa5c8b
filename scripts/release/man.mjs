// Man pages from the tables of commands: pocker-runc.8 and one for each of its commands, and pocker.1.
//   node scripts/release/man.mjs DIRECTORY
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { importSource } from '../generate/import-source.mjs';
import { root } from '../run.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const program = 'pocker-runc';

/** roff(7) text: no line begins with a control character, and hyphens in option names are escaped. */
const escape = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');

const bold = (text) => `\\fB${escape(text)}\\fR`;
const italic = (text) => `\\fI${escape(text)}\\fR`;
const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

/** "<container-id> [signal]": placeholders in italics. */
const usageText = (usage) =>
  usage.replace(/<([^>]+)>/g, (_, name) => italic(name)).replace(/\[([^\]]+)\]/g, (_, name) => `[${italic(name)}]`);

function flagEntry({ name, alias, type, value, choices, default: standard, description }) {
  const argument = type === 'boolean' ? '' : ` ${italic(value ?? (choices === undefined ? 'value' : choices.join('|')))}`;
  const names = [...(alias === undefined ? [] : [bold(`-${alias}`)]), bold(`--${name}`)].join(', ');
  const more = [
    ...(choices === undefined ? [] : [`One of ${choices.join(', ')}.`]),
    ...(standard === undefined || standard === '' ? [] : [`Default: ${standard}.`]),
    ...(type === 'list' ? ['May be given several times.'] : []),
  ];
  return `.TP\n${names}${argument}\n${escape([sentence(description), ...more].join(' '))}\n`;
}

const flagSection = (title, flags) => (flags.length === 0 ? '' : `.SH ${title}\n${flags.map(flagEntry).join('')}`);

const head = (name, section = 8) =>
  `.TH ${name.toUpperCase().replaceAll('-', '\\-')} ${section} "" "${program} ${version}" "Container runtimes"\n`;

function commandPage(command, globals) {
  const name = `${program}-${command.name}`;
  return `${head(name)}.SH NAME
${escape(name)} \\- ${escape(command.summary)}
.SH SYNOPSIS
${bold(program)} [${italic('global options')}] ${bold(command.name)} [${italic('options')}] ${usageText(command.usage)}
${flagSection('OPTIONS', command.flags)}.SH GLOBAL OPTIONS
${globals.map(({ name: flag }) => bold(`--${flag}`)).join(', ')}: see
.BR ${escape(program)} (8).
.SH EXIT STATUS
${exitStatus(command)}.SH SEE ALSO
.BR ${escape(program)} (8)
`;
}

function exitStatus({ name, failure = 1 }) {
  const own =
    name === 'run' || name === 'exec'
      ? 'In the foreground, that of the program, or 128 and the number of the signal that ended it.\n.PP\n'
      : '';
  return `${own}0 on success; ${failure} when the command itself failed: standard error says why, and nothing is left behind.\n`;
}

function mainPage(commands, globals) {
  const list = commands.map(
    ({ name, summary }) => `.TP\n.BR ${escape(`${program}-${name}`)} (8)\n${escape(sentence(summary))}\n`,
  );
  return `${head(program)}.SH NAME
${escape(program)} \\- run containers as the Open Container Initiative specifies
.SH SYNOPSIS
${bold(program)} [${italic('global options')}] ${italic('command')} [${italic('options')}] [${italic('arguments')}]
.SH DESCRIPTION
.B ${escape(program)}
makes containers of bundles: directories with a file config.json and a root filesystem, as
.UR https://github.com/opencontainers/runtime\\-spec
the OCI runtime specification
.UE
describes them. It takes the commands and flags of
.BR runc (8)
and is called in its place by containerd, Docker, Podman and other engines.
.SH COMMANDS
${list.join('')}${flagSection('GLOBAL OPTIONS', globals)}.SH FILES
.TP
.I /run/${escape(program)}
The state of containers; below
.I $XDG_RUNTIME_DIR
for an ordinary user.
.SH EXIT STATUS
0 on success, 1 on failure,
255 when
.B exec
itself failed, 70 for a bug of the runtime.
`;
}

function helperPage() {
  return `${head('pocker-systemd')}.SH NAME
pocker\\-systemd \\- talk to systemd for ${escape(program)}
.SH DESCRIPTION
The helper that
.BR ${escape(program)} (8)
runs for \\fB\\-\\-systemd\\-cgroup\\fR. It is not meant to be called by hand.
.SH SEE ALSO
.BR ${escape(program)} (8)
`;
}

/** The flags of a pocker command, in this file's form. */
const renamed = (flags) => flags.map(({ short, ...flag }) => (short === undefined ? flag : { ...flag, alias: short }));

function engineCommand({ name, aliases, usage, summary, flags }) {
  const names = [name, ...aliases].map((one) => bold(`pocker ${one}`)).join(', ');
  const options = flags.length === 0 ? '' : ` [${italic('options')}]`;
  return `.SS ${names}${options} ${escape(usage)}\n${escape(sentence(summary))}\n${renamed(flags).map(flagEntry).join('')}`;
}

function enginePage(commands, globals) {
  const shown = commands.filter(({ hidden }) => hidden !== true);
  return `${head('pocker', 1)}.SH NAME
pocker \\- run containers, without a daemon
.SH SYNOPSIS
${bold('pocker')} [${italic('global options')}] ${italic('command')} [${italic('options')}] [${italic('arguments')}]
.SH DESCRIPTION
A small container engine with the commands and flags of
.BR docker (1),
on the runtime
.BR ${escape(program)} (8).
${flagSection('GLOBAL OPTIONS', renamed(globals))}.SH COMMANDS
${shown.map(engineCommand).join('')}.SH FILES
.TP
.I /var/lib/pocker
Images, containers and volumes; below
.I ~/.local/share
for an ordinary user.
.TP
.I /run/pocker
The state of running containers; below
.I $XDG_RUNTIME_DIR
for an ordinary user.
.SH EXIT STATUS
0 on success, 1 on failure. Of
.B run
and
.BR exec :
that of the program; 125 if pocker itself failed, 126 if the program cannot be executed, 127 if it was not found.
.SH SEE ALSO
.BR ${escape(program)} (8)
`;
}

/** Writes all pages; returns their paths: "man8/pocker-runc.8". */
export async function writeManPages(directory) {
  const { commands, globals } = await importSource(
    `export { commands } from './src/cli/options.js'; import { globalFlags } from './src/cli/flags.js'; import { standardFlags } from './src/cli/parse.js'; export const globals = [...globalFlags, ...standardFlags];`,
  );
  const engine = await importSource(
    `export { commands } from './src/engine/cli/table/commands.js'; export { globalFlags as globals } from './src/engine/cli/global-flags.js';`,
  );
  const pages = [
    [`${program}.8`, mainPage(commands, globals)],
    ['pocker-systemd.8', helperPage()],
    ['pocker.1', enginePage(engine.commands, engine.globals)],
    ...commands.map((one) => [`${program}-${one.name}.8`, commandPage(one, globals)]),
  ];
  return pages.map(([name, text]) => {
    const path = `man${name.at(-1)}/${name}`;
    mkdirSync(join(directory, `man${name.at(-1)}`), { recursive: true });
    writeFileSync(join(directory, path), text);
    return path;
  });
}

if (process.argv[1] === import.meta.filename) {
  const directory = resolve(process.argv[2] ?? join(root, 'build/man'));
  const pages = await writeManPages(directory);
  process.stdout.write(`${pages.length} pages in ${directory}\n`);
}
