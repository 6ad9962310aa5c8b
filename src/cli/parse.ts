// Parses command lines as engines write them, by the rules of Go's flag package: long flags with one dash, flags on either side
// of the id, and runc's error messages.
import { PockerError } from '../errors.js';
import type { Values } from './invocation.js';
import type { Command, Flag } from './command.js';

export interface Parsed {
  readonly values: Values;
  readonly args: readonly string[];
}

type Mutable = { -readonly [name in keyof Values]: Values[name] };

/** Flags that every command line may have. */
export const standardFlags: readonly Flag[] = [
  { name: 'help', alias: 'h', type: 'boolean', description: 'show help' },
  { name: 'version', alias: 'v', type: 'boolean', description: 'show the version' },
];

export function usageError(message: string, hint?: string): PockerError {
  return new PockerError('E_USAGE', message, hint === undefined ? {} : { hint });
}

const isFlag = (word: string): boolean => word.length > 1 && word.startsWith('-');

/** "--root=/run" and "-root=/run" as [root, /run]; the value is undefined without "=". */
function split(word: string): [name: string, value: string | undefined] {
  const text = word.slice(word.startsWith('--') ? 2 : 1);
  const equals = text.indexOf('=');
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

const booleans = ['true', 'false', '1', '0', 't', 'f'];

/** When a flag is given twice, the last value counts, as in Go; a list takes all values. */
function set(values: Mutable, { name, type }: Flag, value: string): void {
  if (type === 'list') values[name] = [...((values[name] as string[] | undefined) ?? []), value];
  else if (type === 'boolean') values[name] = /^(true|1|t)$/.test(value);
  else values[name] = type === 'count' ? Number(value) : value;
}

/** Puts the value of the flag at `at` into `values`. Returns how many words it took. */
function take(words: readonly string[], at: number, flags: readonly Flag[], values: Mutable): number {
  const word = words[at] ?? '';
  const [name, attached] = split(word);
  const flag = flags.find((one) => one.name === name || one.alias === name);
  if (flag === undefined) throw usageError(`flag provided but not defined: -${name}`, 'List flags with --help');
  if (flag.type === 'boolean') {
    if (attached !== undefined && !booleans.includes(attached))
      throw usageError(`invalid boolean value ${JSON.stringify(attached)} for -${name}`);
    set(values, flag, attached ?? 'true');
    return 1;
  }
  const value = attached ?? words[at + 1];
  if (value === undefined) throw usageError(`flag needs an argument: -${name}`);
  set(values, flag, checked(flag, value));
  return attached === undefined ? 2 : 1;
}

function checked(flag: Flag, value: string): string {
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    throw usageError(`invalid value ${JSON.stringify(value)} for --${flag.name}`, `Choose one of: ${flag.choices.join(', ')}`);
  }
  if (flag.type === 'count' && !/^\d{1,9}$/.test(value))
    throw usageError(`invalid value ${JSON.stringify(value)} for --${flag.name}: not a number`);
  return value;
}

/** Parses flags up to the first word that is not a flag: the command. `args` is that word and everything after it. */
export function parseGlobals(words: readonly string[], flags: readonly Flag[]): Parsed {
  const values: Mutable = {};
  let at = 0;
  while (at < words.length && isFlag(words[at] ?? '') && words[at] !== '--') at += take(words, at, flags, values);
  return { values, args: words.slice(words[at] === '--' ? at + 1 : at) };
}

function assertCount({ name, min, max }: Command, count: number): void {
  if (count >= min && count <= max) return;
  const many = min === max ? `exactly ${min}` : count < min ? `at least ${min}` : `at most ${max}`;
  throw usageError(`${JSON.stringify(name)} requires ${many} argument(s)`, `See: pocker-runc ${name} --help`);
}

/** Parses what follows a command: its flags may stand before and after its arguments. */
export function parseCommand(command: Command, words: readonly string[]): Parsed {
  const flags = [...command.flags, ...standardFlags];
  const values: Mutable = {};
  const args: string[] = [];
  for (let at = 0; at < words.length;) {
    const word = words[at] ?? '';
    if (word === '--') {
      args.push(...words.slice(at + 1));
      break;
    }
    if (isFlag(word)) {
      at += take(words, at, flags, values);
    } else {
      args.push(...(command.ownWords === true ? words.slice(at) : [word]));
      at += command.ownWords === true ? words.length : 1;
    }
  }
  if (values['help'] !== true) assertCount(command, args.length);
  return { values, args };
}
