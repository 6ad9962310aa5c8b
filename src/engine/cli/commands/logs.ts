// logs: what a container wrote.
import { pidfdOpen } from '../../../container/process.js';
import { LogReader, type LogLine } from '../../containers/log-lines.js';
import {
  containerDirectory,
  logPath,
  readContainer,
  requireContainer,
  runs,
  type StoredContainer,
} from '../../records/container-store.js';
import { Changes } from '../../watch.js';
import type { Engine } from '../../engine.js';
import { engineError, usageError } from '../../errors.js';
import type { Call } from '../command.js';
import { parseMoment } from '../../flags/moments.js';

/** conmon writes the last output after the program has ended. */
const afterEndMs = 2000;

interface Wanted {
  readonly since: number;
  readonly until: number;
  readonly timestamps: boolean;
}

/** RFC 3339 in UTC, with nanoseconds. */
function utc(time: string): string {
  const [, seconds, fraction = '', zone = ''] = /^([^.]*?)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  if (seconds === undefined) return time;
  return `${new Date(`${seconds}${zone}`).toISOString().slice(0, 19)}${fraction}Z`;
}

/** Writes lines in order, in as few writes as possible. */
class Output {
  #parts: Uint8Array[] = [];
  #fd = 1;
  /** The last line is still incomplete. */
  #open = false;

  constructor(
    private readonly engine: Engine,
    private readonly wanted: Wanted,
  ) {}

  readonly add = (line: LogLine): void => {
    const fd = line.stream === 'stderr' ? 2 : 1;
    if (fd !== this.#fd) this.flush();
    this.#fd = fd;
    if (this.wanted.timestamps && !this.#open)
      this.#parts.push(Uint8Array.from(`${utc(line.time)} `, (letter) => letter.charCodeAt(0)));
    this.#parts.push(line.text);
    this.#open = !line.full;
    if (this.#parts.length > 4096) this.flush();
  };

  flush(): void {
    const size = this.#parts.reduce((sum, part) => sum + part.length, 0);
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    if (size > 0) this.engine.host.writeBytes(this.#fd, bytes);
  }
}

function isWanted(line: LogLine, { since, until }: Wanted): boolean {
  if (since === -Infinity && until === Infinity) return true;
  const at = Date.parse(line.time);
  return at >= since && at <= until;
}

/** Infinity: all. */
function tailOf(value: unknown): number {
  if (value === undefined || value === 'all' || typeof value !== 'string') return Infinity;
  // As in docker: a number that makes no sense means all.
  return /^\d+$/.test(value) ? Number(value) : Infinity;
}

function showPast(reader: LogReader, output: Output, wanted: Wanted, tail: number): void {
  if (tail === Infinity) {
    reader.read((line) => {
      if (isWanted(line, wanted)) output.add(line);
    });
    return;
  }
  let kept: LogLine[] = [];
  let full = 0;
  reader.read((line) => {
    if (!isWanted(line, wanted)) return;
    kept.push(line.copy());
    full += line.full ? 1 : 0;
    if (full > 2 * tail + 1000) {
      kept = last(kept, tail);
      full = kept.filter((one) => one.full).length;
    }
  });
  for (const line of last(kept, tail)) output.add(line);
}

/** The last lines, each with all its parts. */
function last(lines: readonly LogLine[], tail: number): LogLine[] {
  let at = lines.length;
  // An incomplete line counts, too.
  let count = lines.length > 0 && !lines.at(-1)!.full ? 1 : 0;
  for (; at > 0; --at) {
    if (lines[at - 1]!.full) count += 1;
    if (count > tail) break;
  }
  return lines.slice(at);
}

function follow(engine: Engine, { record, state }: StoredContainer, read: () => number): void {
  const { host } = engine;
  const pidfd = runs(engine, state) ? pidfdOpen(host, state) : -1;
  if (pidfd < 0) return;
  const changes = new Changes(engine, containerDirectory(engine, record.id));
  try {
    do read();
    while (!changes.wait([pidfd]).includes(pidfd));
  } finally {
    changes.close();
    host.close(pidfd);
  }
  const deadline = host.monotonic() + afterEndMs;
  while (host.monotonic() < deadline) {
    const settled = readContainer(engine, record.id)?.state.status !== 'running';
    if (read() === 0 && settled) return;
    if (!settled) host.sleep(5);
  }
}

export function run({ engine, values, args }: Call): number {
  const container = requireContainer(engine, args[0]!);
  if (container.record.hostConfig.LogConfig.Type === 'none')
    throw engineError('configured logging driver does not support reading', 'Run it without --log-driver none');
  const now = engine.host.now();
  const wanted: Wanted = {
    since: parseMoment('since', values['since'], now) ?? -Infinity,
    until: parseMoment('until', values['until'], now) ?? Infinity,
    timestamps: values['timestamps'] === true,
  };
  if (values['follow'] === true && wanted.until < now) throw usageError('--follow and --until do not go together', 'logs');
  const path = logPath(engine, container.record.id);
  // The container has never been started.
  if (engine.host.lstat(path) === null) return 0;
  const reader = new LogReader(engine, path);
  const output = new Output(engine, wanted);
  const read = (): number => {
    const count = reader.read((line) => {
      if (isWanted(line, wanted)) output.add(line);
    });
    output.flush();
    return count;
  };
  try {
    showPast(reader, output, wanted, tailOf(values['tail']));
    output.flush();
    if (values['follow'] === true) follow(engine, container, read);
  } finally {
    reader.close();
  }
  return 0;
}
