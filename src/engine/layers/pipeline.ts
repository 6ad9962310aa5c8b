// Pipes a layer's tar file through programs and takes its digest on the way. Only the exit code tells of a failure: a full
// disk takes no messages, and the programs' output goes to memory.
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { hintFor, tryTool } from '../programs.js';

/** `body`: writes the tar file, or a copy of it, to standard output; a part that fails runs `failed`. */
const script = (body: string): string => `failed() { echo failed >&4; }
result=$({ { ${body}; } | sha256sum; } 4>&1)
case $result in
  *failed*) exit 1 ;;
  *) printf '\\n%.64s' "$result" ;;
esac`;

/** Runs `body` in a shell, with these words as `$1` and so on. Returns the digest. */
export function runPipeline(engine: Engine, failure: string, body: string, words: readonly string[]): string {
  const { exitCode, signal, output } = tryTool(engine, 'sh', ['-c', script(body), 'sh', ...words], { endsWithUs: true });
  if (exitCode === 0 && signal === 0) return `sha256:${output.slice(-64)}`;
  const said = output.trim().split('\n').slice(-3).join('; ');
  throw engineError(`${failure}: ${said === '' ? 'a program of it was killed' : said}`, hintFor(output));
}
