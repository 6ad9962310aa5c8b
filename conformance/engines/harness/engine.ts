// The parts of an engine's script: how it is started, and a table of steps for its client, the same for every runtime.
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandOptions, type CommandResult, patience } from '../../harness/command.js';
import { type Candidate, type Remains, Site } from './site.js';

/** A Debian package, as scripts/packages.mjs wants it. */
export interface Package {
  readonly name: string;
  readonly programs?: readonly string[];
  readonly files?: readonly string[];
}

export interface Expectation {
  /** 0 by default. */
  readonly code?: number;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
}

export interface Step<S> {
  readonly name: string;
  /** Returns what is compared with `expect`; throws if something before that fails. */
  readonly run: (session: S) => Promise<CommandResult>;
  readonly expect?: Expectation;
}

/** How an engine is started. */
export interface Setup<S extends Session> {
  readonly name: string;
  readonly packages: readonly Package[];
  /** Go programs in go.mod's tool lines. */
  readonly tools: readonly string[];
  /** What this machine lacks, before anything is started. */
  readonly lacks?: () => string | undefined;
  /** Starts it; the site ends its daemons. */
  readonly open: (site: Site) => Promise<S>;
  /** What the engine itself leaves behind. */
  readonly ofDaemon?: Remains;
}

export interface Script<S extends Session> extends Setup<S> {
  readonly steps: readonly Step<S>[];
}

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why not. */
  readonly said: string;
  readonly milliseconds: number;
}

export interface Engine {
  readonly name: string;
  readonly packages: readonly Package[];
  readonly tools: readonly string[];
  readonly lacks: () => string | undefined;
  readonly run: (runtime: Candidate) => Promise<StepResult[]>;
}

/** An engine's client, and the calls that all clients have in common. */
export abstract class Session {
  readonly site: Site;

  constructor(site: Site) {
    this.site = site;
  }

  /** One call of the client. */
  abstract client(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;

  /** Uses the client to remove what the steps may have left. */
  abstract close(): Promise<void>;

  /** Repeats the call until its output matches, and returns the last result. */
  async until(args: readonly string[], fits: RegExp): Promise<CommandResult> {
    const deadline = performance.now() + 20_000 * patience;
    for (;;) {
      const result = await this.client(args);
      if (fits.test(result.stdout + result.stderr) || performance.now() > deadline) return result;
      await sleep(100);
    }
  }

  /** A call that must succeed for the step to continue. */
  async ok(...args: string[]): Promise<string> {
    const result = await this.client(args);
    if (result.code !== 0) throw new Error(`${args.join(' ')}: ${describe(result)}`);
    return result.stdout.trim();
  }
}

/** At most that many lines of a text. */
function shortened(text: string, lines: number): string {
  const all = text.split('\n');
  return all.length <= lines ? text : [...all.slice(0, lines), `… ${all.length - lines} more`].join('\n');
}

/** What a command did, in a line or two. */
export function describe(result: CommandResult): string {
  const words = `${result.stdout}\n${result.stderr}`.trim().slice(-600);
  return `${result.timedOut ? 'killed at its deadline' : `exit code ${result.code}`}: ${words}`;
}

/** Why the result is not what was expected; '' if it is. */
export function mismatch(result: CommandResult, expect: Expectation = {}): string {
  const wrong: string[] = [];
  if (result.code !== (expect.code ?? 0)) wrong.push(`exit code ${expect.code ?? 0} expected`);
  for (const stream of ['stdout', 'stderr'] as const) {
    const pattern = expect[stream];
    if (pattern !== undefined && !pattern.test(result[stream].replaceAll('\r\n', '\n')))
      wrong.push(`${stream} ${String(pattern)} expected`);
  }
  return wrong.length === 0 ? '' : `${wrong.join(', ')}; ${describe(result)}`;
}

async function attempt(name: string, action: () => Promise<string>): Promise<StepResult> {
  const begin = performance.now();
  const said = await action().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  return { name, ok: said === '', said: shortened(said, 8), milliseconds: performance.now() - begin };
}

async function runScript<S extends Session>(script: Script<S>, runtime: Candidate): Promise<StepResult[]> {
  const site = new Site(script.name, runtime);
  const results: StepResult[] = [];
  let session: S | undefined;
  const start = async (): Promise<string> => {
    session = await script.open(site);
    return '';
  };
  try {
    results.push(await attempt('start', start));
    const opened = session;
    if (opened !== undefined) {
      for (const { name, run, expect } of script.steps)
        results.push(await attempt(name, async () => mismatch(await run(opened), expect)));
      results.push(await attempt('end', () => opened.close().then(() => '')));
    }
  } finally {
    results.push(await attempt('nothing is left', async () => (await site.close(script.ofDaemon)).join('\n')));
  }
  return results;
}

/** Hides the session's type from those who only run it. */
export function engine<S extends Session>(script: Script<S>): Engine {
  const { name, packages, tools } = script;
  return {
    name,
    packages,
    tools,
    lacks: script.lacks ?? ((): undefined => undefined),
    run: (runtime) => runScript(script, runtime),
  };
}
