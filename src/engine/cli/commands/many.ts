// What commands about networks and volumes share: doing the same with each word.
import type { Engine } from '../../engine.js';
import { template } from '../format/template.js';
import type { Fields } from '../format/go-values.js';

/** What fails is reported, and does not keep the others from being done. */
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

/** An array of what was found, or a line for each by a template. */
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
