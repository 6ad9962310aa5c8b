// Declares a conformance case: a tap subtest with its own box. It is skipped if a peer is known to differ from the specification,
// and fails if the runtime leaves anything on the machine.
import t, { type Test } from 'tap';
import { Box } from './box.js';
import { type CommandResult, patience } from './command.js';
import { runtime, type RuntimeKind } from './runtime.js';

export type Tap = Test;

type Peer = Exclude<RuntimeKind, 'pocker-runc'>;

/** Why a case is right although a peer behaves differently, by peer: "runc", or "runc 1.1" for that version only. */
export type KnownDifferences = Readonly<Partial<Record<Peer | `${Peer} ${number}`, string>>>;

export interface CaseOptions {
  readonly knownDifferences?: KnownDifferences;
  /** What this machine lacks for the case; false: nothing. */
  readonly skip?: string | false;
  /** For our own extensions. */
  readonly oursOnly?: boolean;
}

// Also runs known differences, to see whether a peer's newer version still has them.
const strict = process.env['CONFORMANCE_STRICT'] === '1';

// Longer than any command's own deadline: a case that hangs ends as a failed command, and its box is cleaned up.
const caseTimeout = 60_000 * patience;
t.setTimeout(10 * caseTimeout);

type Body = (t: Tap, box: Box) => Promise<void> | void;

function reasonToSkip(options: CaseOptions): string | false {
  if (options.skip !== undefined && options.skip !== false) return options.skip;
  if (runtime.kind === 'pocker-runc' || strict) return false;
  if (options.oursOnly === true) return 'an extension of pocker-runc';
  const { kind, release } = runtime;
  const known = options.knownDifferences;
  const reason = known?.[kind] ?? known?.[`${kind} ${release}`];
  return reason === undefined ? false : `${kind} ${release} differs: ${reason}`;
}

/** Runs `body` with a fresh box; afterwards nothing of the box may be left. */
export function test(name: string, body: Body, options: CaseOptions = {}): void {
  void t.test(name, { skip: reasonToSkip(options), timeout: caseTimeout }, async (tt) => {
    const box = new Box();
    try {
      await body(tt, box);
    } finally {
      tt.same(await box.close(), [], 'nothing is left on the machine');
    }
  });
}

/** The command succeeded; if not, shows its output. */
export function succeeded(t: Tap, result: CommandResult): void {
  t.equal(result.code, 0, `${lastWords(result)} succeeds`, { stderr: result.stderr, stdout: result.stdout });
}

/** The command itself failed, with a message. */
export function failed(t: Tap, result: CommandResult, message = /\S/): void {
  t.not(result.code, 0, `${lastWords(result)} fails`, { stderr: result.stderr });
  t.equal(result.timedOut, false, 'and does not hang');
  t.ok(result.code < 126, 'and is not ended by a signal', { code: result.code });
  t.match(result.stderr, message, 'and says why');
}

function lastWords(result: CommandResult): string {
  const words = result.command.split(' ');
  return words[words.indexOf('--root') + 2] ?? result.command;
}
