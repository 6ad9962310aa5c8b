// NAME=VALUE lists: --env, --label, and the files that hold more of them.
import { fromHost } from '../../errors.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { type EngineValues, givenList, invalid } from './values.js';

const fileLimit = 16 * 1024 * 1024;

/** Lines that are neither empty nor comments. */
function linesOf({ host }: Engine, path: string): readonly string[] {
  try {
    return host
      .readText(path, fileLimit)
      .split('\n')
      .map((line) => line.replace(/\r$/, '').replace(/^\s+/, ''))
      .filter((line) => line !== '' && !line.startsWith('#'));
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot read a file of variables', caught);
  }
}

/** A name without a value takes it from our own environment, if set there. */
function variable({ host }: Engine, word: string): readonly string[] {
  if (word.includes('=')) {
    if (word.startsWith('=')) throw engineError(`invalid environment variable: ${word}`, 'Use NAME=VALUE');
    return [word];
  }
  const value = host.env(word);
  return value === null ? [] : [`${word}=${value}`];
}

/** docker's text. */
function fromFile(line: string, path: string): string {
  const [, name = ''] = /^([^=]*)/.exec(line) ?? [];
  if (!/\s/.test(name)) return line;
  throw engineError(`invalid env file (${path}): variable '${name}' contains whitespaces`, 'Write NAME=VALUE on each line');
}

/** --env-file, then --env, over the existing variables. */
export function environment(engine: Engine, values: EngineValues, below: readonly string[]): string[] {
  const files = givenList(values, 'env-file').flatMap((path) => linesOf(engine, path).map((line) => fromFile(line, path)));
  const words = [...files, ...givenList(values, 'env')].flatMap((word) => variable(engine, word));
  const all = new Map<string, string>();
  for (const word of [...below, ...words]) all.set(word.slice(0, word.indexOf('=')), word);
  return [...all.values()];
}

/** The pairs of a flag: one without a name is an error. docker's text. */
export function namedPairs(words: readonly string[], flag: string): Record<string, string> {
  const nameless = words.find((word) => word.startsWith('=') || word === '');
  if (nameless !== undefined) invalid(nameless, flag, `invalid ${flag} '${nameless}': empty name`);
  return pairs(words);
}

/** NAME=VALUE, or NAME for an empty value. */
export function pairs(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf('=');
      return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

export function labels(engine: Engine, values: EngineValues, below: Readonly<Record<string, string>>): Record<string, string> {
  const files = givenList(values, 'label-file').flatMap((path) => linesOf(engine, path));
  return { ...below, ...namedPairs(files, 'label'), ...namedPairs(givenList(values, 'label'), 'label') };
}
