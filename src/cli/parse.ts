// Command lines as engines write them: long flags with one dash, flags on either side of the id, and runc's words for
// what is wrong. yargs-parser does the parsing; what Go's flag package does differently is put right before.
import parser from 'yargs-parser/browser';
import { PockerError } from '../errors.js';
import type { Values } from './invocation.js';
import type { Command, Flag } from './command.js';

export interface Parsed {
  readonly values: Values;
  readonly args: readonly string[];
}

const configuration = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': true,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
  'strip-aliased': true,
};

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
  const text = word.replace(/^--?/, '');
  const equals = text.indexOf('=');
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

const booleans = ['true', 'false', '1', '0', 't', 'f'];

/** One flag in the only form that is never misread: "--name=value". Returns how many words it took. */
function normalize(words: readonly string[], at: number, flags: readonly Flag[], out: string[]): number {
  const word = words[at] ?? '';
  const [name, attached] = split(word);
  const flag = flags.find((one) => one.name === name || one.alias === name);
  if (flag === undefined) throw usageError(`flag provided but not defined: -${name}`, '--help shows the flags');
  if (flag.type === 'boolean') {
    if (attached !== undefined && !booleans.includes(attached))
      throw usageError(`invalid boolean value ${JSON.stringify(attached)} for -${name}`);
    out.push(`--${flag.name}=${/^(true|1|t)$/.test(attached ?? 'true')}`);
    return 1;
  }
  const value = attached ?? words[at + 1];
  if (value === undefined) throw usageError(`flag needs an argument: -${name}`);
  out.push(`--${flag.name}=${checked(flag, value)}`);
  return attached === undefined ? 2 : 1;
}

function checked(flag: Flag, value: string): string {
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    throw usageError(`invalid value ${JSON.stringify(value)} for --${flag.name}`, `it is one of: ${flag.choices.join(', ')}`);
  }
  if (flag.type === 'count' && !/^\d{1,9}$/.test(value))
    throw usageError(`invalid value ${JSON.stringify(value)} for --${flag.name}: not a number`);
  return value;
}

/** Where the flags end: at the first word that is none of them, or behind "--". */
function parseWords(normal: readonly string[], rest: readonly string[], flags: readonly Flag[]): Parsed {
  const names = (type: Flag['type']): string[] => flags.filter((flag) => flag.type === type).map(({ name }) => name);
  const lists = names('list');
  const { _: positional, ...values } = parser([...normal, '--', ...rest], {
    boolean: names('boolean'),
    string: ['_', ...names('string')],
    array: lists,
    number: names('count'),
    configuration,
  });
  // Of a flag that is given twice the last counts, as in Go.
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value) && !lists.includes(name)) values[name] = value.at(-1) as unknown;
  }
  return { values, args: positional.map(String) };
}

/** Parses flags up to the first word that is none: the command. `args` is that word and what follows. */
export function parseGlobals(words: readonly string[], flags: readonly Flag[]): Parsed {
  const normal: string[] = [];
  let at = 0;
  while (at < words.length && isFlag(words[at] ?? '') && words[at] !== '--') at += normalize(words, at, flags, normal);
  return parseWords(normal, words.slice(words[at] === '--' ? at + 1 : at), flags);
}

function assertCount({ name, min, max }: Command, count: number): void {
  if (count >= min && count <= max) return;
  const many = min === max ? `exactly ${min}` : count < min ? `at least ${min}` : `at most ${max}`;
  throw usageError(`${JSON.stringify(name)} requires ${many} argument(s)`, `see: pocker-runc ${name} --help`);
}

/** Parses what follows a command: its flags may stand before and after its arguments. */
export function parseCommand(command: Command, words: readonly string[]): Parsed {
  const flags = [...command.flags, ...standardFlags];
  const normal: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < words.length;) {
    const word = words[at] ?? '';
    if (word === '--') {
      rest.push(...words.slice(at + 1));
      break;
    }
    if (isFlag(word)) {
      at += normalize(words, at, flags, normal);
    } else {
      rest.push(...(command.ownWords === true ? words.slice(at) : [word]));
      at += command.ownWords === true ? words.length : 1;
    }
  }
  const parsed = parseWords(normal, rest, flags);
  if (parsed.values['help'] !== true) assertCount(command, parsed.args.length);
  return parsed;
}
