// `--trace FILE`: timings as events of Chrome's trace format, which https://ui.perfetto.dev shows.
import { PockerError } from './errors.js';
import { isHostFailure } from './host/failure.js';
import type { DescribedStep, Tracing } from './host/calls/trace.js';
import type { Host, Received } from './host/host.js';

interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Calls that are not recorded: the clock itself, and calls that say nothing. */
const untold: ReadonlySet<string> = new Set(['clock', 'now', 'monotonic', 'env']);
/** A time as pocker-init writes it (addon/init/times.cpp). */
const timeDigits = /[0-9a-f]{14}/g;
const sizeLimit = 256 * 1024 * 1024;
const ENOENT = 2;

const dropEmpty = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));

function parse(text: string): { readonly traceEvents?: unknown } {
  try {
    return (JSON.parse(text) as { readonly traceEvents?: unknown } | null) ?? {};
  } catch {
    return {};
  }
}

export class Trace implements Tracing {
  /** The same host, with an event for every call. */
  readonly host: Host;
  readonly #events: TraceEvent[] = [];
  /** When pocker-init was last heard of: at clone3(2), or at the last step that it reported. */
  #init = { pid: 0, since: 0, what: '' };

  constructor(private readonly outside: Host) {
    const entries = Object.entries(outside).map(([name, value]: [string, unknown]) => {
      const call = value as (...args: unknown[]) => unknown;
      return [
        name,
        typeof value !== 'function' || untold.has(name) ? value : (...args: unknown[]) => this.#call(name, call, args),
      ];
    });
    this.host = { ...(Object.fromEntries(entries) as Host), trace: this };
    this.#name(outside.pid, 'pocker-runc');
  }

  span<T>(name: string, field: string, body: () => T): T {
    const begin = this.outside.clock();
    try {
      return body();
    } finally {
      this.#add(this.outside.pid, name, [begin, this.outside.clock()], { field });
    }
  }

  steps(
    pid: number,
    { number: first, text }: Received,
    describe: (step: number) => DescribedStep | undefined,
    next: string,
  ): void {
    const times = (text.match(timeDigits) ?? []).map((digits) => parseInt(digits, 16));
    this.#follow(pid, times[0] ?? 0);
    times.slice(0, -1).forEach((begin, index) => {
      const { operation = '', pointer, path, mount } = describe(first + index) ?? {};
      this.#add(pid, operation, [begin, times[index + 1]!], { field: pointer, path, mount: mount?.line });
    });
    this.#init = { pid, since: times.at(-1) ?? 0, what: next };
  }

  executed(): void {
    const { pid } = this.#init;
    if (pid > 0) this.#follow(pid, this.outside.clock());
  }

  /** Adds the events to those already in the file. */
  write(path: string): void {
    const slash = path.lastIndexOf('/');
    const text = JSON.stringify({ traceEvents: [...this.#eventsOf(path), ...this.#events], displayTimeUnit: 'ms' });
    this.outside.writeAtomic(path.slice(0, slash) || '/', path.slice(slash + 1), `${text}\n`, 0o600);
  }

  /** Events already in the file: those of other commands, on the same time axis. */
  #eventsOf(path: string): TraceEvent[] {
    let text: string;
    try {
      text = this.outside.readRegular(path, sizeLimit);
    } catch (caught) {
      if (isHostFailure(caught) && caught.errno === ENOENT) return [];
      throw caught;
    }
    const { traceEvents } = parse(text);
    if (Array.isArray(traceEvents)) return traceEvents as TraceEvent[];
    throw new PockerError('E_HOST', `${path} already exists and is not a trace`, { path });
  }

  #call(name: string, call: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
    const begin = this.outside.clock();
    try {
      const result = call(...args);
      if (name === 'launch') this.#launched((result as { readonly pid: number }).pid);
      return result;
    } finally {
      const [first] = args;
      const path = typeof first === 'string' ? first : (first as { readonly path?: string } | undefined)?.path;
      this.#add(this.outside.pid, name, [begin, this.outside.clock()], { path });
    }
  }

  #launched(pid: number): void {
    this.#name(pid, 'pocker-init');
    this.#init = { pid, since: this.outside.clock(), what: 'join cgroups and start pocker-init' };
  }

  /** Records what happened since it was last heard of, until then. */
  #follow(pid: number, until: number): void {
    const { since, what } = this.#init;
    if (what !== '') this.#add(pid, what, [since, until], {});
    this.#init = { pid, since: until, what: '' };
  }

  #name(pid: number, name: string): void {
    this.#events.push({ name: 'process_name', ph: 'M', pid, tid: pid, args: { name } });
  }

  #add(pid: number, name: string, [begin, end]: readonly [number, number], args: Readonly<Record<string, unknown>>): void {
    this.#events.push({ name, ph: 'X', pid, tid: pid, ts: begin, dur: Math.max(0, end - begin), args: dropEmpty(args) });
  }
}

/** Records `body` as an event of --trace; without --trace, just runs it. */
export function span<T>({ trace }: Host, name: string, field: string, body: () => T): T {
  return trace === undefined ? body() : trace.span(name, field, body);
}
