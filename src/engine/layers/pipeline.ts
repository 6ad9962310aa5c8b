// A layer's tar file on its way between programs, with its digest taken as it passes. What fails is told by the exit code alone: a full
// disk takes no messages, and the output of a program goes to memory.
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { hintFor, tryTool } from '../programs.js';

/** `body`: its standard output is the tar file, or a copy of it; each part that fails runs `failed`. */
const script = (body: string): string => `failed() { echo failed >&4; }
result=$({ { ${body}; } | sha256sum; } 4>&1)
case $result in
  *failed*) exit 1 ;;
  *) printf '\\n%.64s' "$result" ;;
esac`;

/** Runs it with the shell and these words as `$1` and so on. Returns the digest. */
export function runPipeline(engine: Engine, failure: string, body: string, words: readonly string[]): string {
  const { exitCode, signal, output } = tryTool(engine, 'sh', ['-c', script(body), 'sh', ...words], { endsWithUs: true });
  if (exitCode === 0 && signal === 0) return `sha256:${output.slice(-64)}`;
  const said = output.trim().split('\n').slice(-3).join('; ');
  throw engineError(`${failure}: ${said === '' ? 'a program of it was killed' : said}`, hintFor(output));
}
