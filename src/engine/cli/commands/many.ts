// What commands on networks and volumes share: they do the same for each word.
import type { Engine } from '../../engine.js';
import { template } from '../format/template.js';
import type { Fields } from '../format/go-values.js';

/** Reports a failure and goes on with the next word. */
export function forEachWord({ log }: Engine, words: readonly string[], body: (word: string) => void): number {
  let failed = 0;
  for (const word of words) {
    try {
      body(word);
    } catch (caught) {
      log.error(caught);
      failed = 1;
    }
  }
  return failed;
}

/** Prints an array of what was found or, with a template, a line for each. */
export function showInspected(
  engine: Engine,
  format: string | undefined,
  words: readonly string[],
  find: (word: string) => Fields,
): number {
  const found: Fields[] = [];
  const code = forEachWord(engine, words, (word) => {
    found.push(find(word));
  });
  const run = format === undefined || format === 'json' ? null : template(format);
  if (run !== null) engine.host.write(1, found.map((one) => `${run(one)}\n`).join(''));
  else engine.host.write(1, `${JSON.stringify(found, undefined, format === 'json' ? undefined : 4)}\n`);
  return code;
}
