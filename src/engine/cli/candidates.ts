// What may come next on a command line, for shell completion.
import type { EngineCommand, EngineFlag } from './command.js';

/** Kinds of objects that arguments name. */
export type Kind = 'containers' | 'images' | 'networks' | 'volumes';

export interface Candidates {
  readonly words: readonly string[];
  readonly kinds: readonly Kind[];
}

const nothing: Candidates = { words: [], kinds: [] };

/** The kinds that a command's usage names: "CONTAINER [CONTAINER...]". */
function kindsOf({ usage }: EngineCommand, position: number): Kind[] {
  const parts = usage.split(' ').filter((word) => !word.startsWith('[COMMAND') && !word.startsWith('[ARG'));
  const part = parts[Math.min(position, parts.length - 1)] ?? '';
  if (part === '' || (position >= parts.length && !part.includes('...'))) return [];
  const found: Kind[] = [];
  if (part.includes('CONTAINER')) found.push('containers');
  if (part.includes('IMAGE')) found.push('images');
  if (part.includes('NETWORK')) found.push('networks');
  if (part.includes('VOLUME')) found.push('volumes');
  return part.startsWith('NAME|ID') ? ['containers', 'images'] : found;
}

const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-';

/** For a word like "-e" or "--env": whether the next word is its value. */
function takesNext(flags: readonly EngineFlag[], word: string): boolean {
  if (word.includes('=')) return false;
  const flag = word.startsWith('--')
    ? flags.find(({ name }) => `--${name}` === word)
    : flags.find(({ short }) => short !== undefined && short === word.at(-1));
  return flag !== undefined && flag.type !== 'boolean';
}

/** The words that are neither flags nor their values, and whether the last word is a flag's value. */
function split(flags: readonly EngineFlag[], words: readonly string[]): { readonly plain: string[]; readonly inValue: boolean } {
  const plain: string[] = [];
  let inValue = false;
  for (const word of words) {
    if (inValue) inValue = false;
    else if (isFlag(word)) inValue = takesNext(flags, word);
    else plain.push(word);
  }
  return { plain, inValue };
}

/** `words`: all words before the one being typed. */
export function candidates(
  commands: readonly EngineCommand[],
  globals: readonly EngineFlag[],
  words: readonly string[],
): Candidates {
  const shown = commands.filter(({ hidden }) => hidden !== true);
  const said = shown.flatMap((command) => [command.name, ...command.aliases].map((name) => ({ command, name: name.split(' ') })));
  const { plain, inValue } = split(globals, words);
  const [first, second] = plain;
  const command =
    said.find(({ name }) => name.length === 2 && name[0] === first && name[1] === second) ??
    said.find(({ name }) => name.length === 1 && name[0] === first);
  if (command === undefined) {
    if (inValue) return nothing;
    const at = plain.length;
    if (at > 1) return nothing;
    const next = said.flatMap(({ name }) => (at === 0 || name[0] === first ? (name[at] ?? []) : []));
    return { words: [...new Set([...next, ...(at === 0 ? globals.map(({ name }) => `--${name}`) : [])])].sort(), kinds: [] };
  }
  return ofCommand(command.command, words.slice(words.indexOf(command.name.at(-1)!) + 1), said, plain);
}

function ofCommand(
  command: EngineCommand,
  rest: readonly string[],
  said: readonly { readonly name: readonly string[] }[],
  plain: readonly string[],
): Candidates {
  const { plain: args, inValue } = split(command.flags, rest);
  if (inValue) {
    const flag = command.flags.find(({ name, short }) => rest.at(-1) === `--${name}` || rest.at(-1)?.at(-1) === short);
    return { words: flag?.choices ?? [], kinds: flag?.name === 'network' ? ['networks'] : [] };
  }
  const own = command.flags.filter(({ refused }) => refused === undefined).map(({ name }) => `--${name}`);
  const flags = command.ownWords === true && args.length > 0 ? [] : own;
  const group = plain.length === 1 ? said.flatMap(({ name }) => (name.length === 2 && name[0] === plain[0] ? name[1]! : [])) : [];
  const choices =
    /^\w+(\|\w+)+$/.test(command.usage) && args.length === 0 && !command.usage.startsWith('NAME') ? command.usage.split('|') : [];
  return { words: [...new Set([...group, ...choices, ...flags])].sort(), kinds: kindsOf(command, args.length) };
}
