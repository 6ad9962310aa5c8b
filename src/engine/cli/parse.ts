// Parses command lines by the rules of Go's pflag package, as docker and podman do: "-it", "-p80:80", "--name=x", "--name x".
import { PockerError } from '../../errors.js';
import { engineError, usageError } from '../errors.js';
import type { EngineCommand, EngineFlag } from './command.js';
import type { EngineValues } from '../flags/values.js';

export interface ParsedWords {
  readonly values: EngineValues;
  readonly args: readonly string[];
}

type Mutable = { -readonly [name in keyof EngineValues]: EngineValues[name] };

/** Too few or too many arguments: exit code 1 for every command, as in docker. */
export class WrongCount extends PockerError {}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false] as const),
]);

/** Reads words one by one. */
class Words {
  #at = 0;
  constructor(private readonly words: readonly string[]) {}
  peek(): string | undefined {
    return this.words[this.#at];
  }
  next(): string | undefined {
    return this.words[this.#at++];
  }
  rest(): readonly string[] {
    return this.words.slice(this.#at);
  }
}

class Parser {
  readonly values: Mutable = {};

  constructor(
    private readonly flags: readonly EngineFlag[],
    private readonly command: string | undefined,
  ) {}

  #setBoolean({ name, refused }: EngineFlag, said: string, value: string): void {
    const yes = booleans.get(value);
    if (yes === undefined)
      throw usageError(`invalid argument ${JSON.stringify(value)} for ${JSON.stringify(said)} flag: not a boolean`, this.command);
    // "--link=false" asks for nothing.
    if (yes && refused !== undefined) throw engineError(`${said} is not supported`, refused);
    this.values[name] = yes;
  }

  #set(flag: EngineFlag, said: string, value: string): void {
    const { name, type, choices, refused } = flag;
    if (type === 'boolean') return this.#setBoolean(flag, said, value);
    if (refused !== undefined) throw engineError(`${said} is not supported`, refused);
    if (choices !== undefined && !choices.includes(value))
      throw usageError(
        `invalid argument ${JSON.stringify(value)} for ${JSON.stringify(said)} flag: choose one of ${choices.join(', ')}`,
        this.command,
      );
    this.values[name] = type === 'list' ? [...((this.values[name] as readonly string[] | undefined) ?? []), value] : value;
  }

  #value(flag: EngineFlag, said: string, words: Words): string {
    if (flag.type === 'boolean') return 'true';
    const value = words.next();
    if (value === undefined) throw usageError(`flag needs an argument: ${said}`, this.command);
    return value;
  }

  long(word: string, words: Words): void {
    const equals = word.indexOf('=');
    const said = equals < 0 ? word : word.slice(0, equals);
    const flag = this.flags.find(({ name, otherNames = [] }) => [name, ...otherNames].includes(said.slice(2)));
    if (flag === undefined) throw usageError(`unknown flag: ${said}`, this.command);
    this.#set(flag, said, equals < 0 ? this.#value(flag, said, words) : word.slice(equals + 1));
  }

  short(word: string, words: Words): void {
    for (let at = 1; at < word.length; ++at) {
      const letter = word[at]!;
      const flag = this.flags.find(({ short }) => short === letter);
      if (flag === undefined) throw usageError(`unknown shorthand flag: '${letter}' in ${word}`, this.command);
      const rest = word.slice(at + 1);
      const takesRest = rest.startsWith('=') || (flag.type !== 'boolean' && rest !== '');
      if (takesRest) return this.#set(flag, `-${letter}`, rest.startsWith('=') ? rest.slice(1) : rest);
      this.#set(flag, `-${letter}`, this.#value(flag, `-${letter}`, words));
    }
  }

  /** The words that are not flags. `stop`: flags end at the first such word. */
  run(words: Words, stop: boolean): readonly string[] {
    const args: string[] = [];
    for (let word = words.next(); word !== undefined; word = words.next()) {
      if (word === '--') return [...args, ...words.rest()];
      if (word.startsWith('--')) this.long(word, words);
      else if (word.startsWith('-') && word !== '-') this.short(word, words);
      else if (stop) return [word, ...words.rest()];
      else args.push(word);
    }
    return args;
  }
}

/** Flags before the command. */
export function parseGlobalFlags(words: readonly string[], flags: readonly EngineFlag[]): ParsedWords {
  const parser = new Parser(flags, undefined);
  const args = parser.run(new Words(words), true);
  return { values: parser.values, args };
}

export function parseWords(command: EngineCommand, words: readonly string[], shared: readonly EngineFlag[]): ParsedWords {
  const [first] = command.aliases.filter((alias) => !alias.includes(' '));
  const name = first ?? command.name;
  const parser = new Parser([...command.flags, ...shared], name);
  const args = parser.run(new Words(words), command.ownWords === true);
  const { min, max } = command;
  if (parser.values['help'] !== true && (args.length < min || args.length > max)) {
    const many = min === max ? (min === 0 ? 'no' : `exactly ${min}`) : args.length < min ? `at least ${min}` : `at most ${max}`;
    const message = `"pocker ${name}" requires ${many} argument${min === 1 && args.length < min ? '' : 's'}`;
    throw new WrongCount('E_USAGE', message, { hint: `See 'pocker ${name} --help'` });
  }
  return { values: parser.values, args };
}
