// events: what has happened and what is happening.
import { Changes } from '../../../watch.js';
import type { Engine } from '../../../engine.js';
import { olderEvents } from '../../../records/events.js';
import type { Call } from '../../command.js';
import { parseFilters, type Filters } from '../../../flags/filters.js';
import { template, type Template } from '../../format/template.js';
import { localTimestamp } from '../../format/units.js';
import { any, checkOf } from '../../../store/shapes.js';
import { parseMoment } from '../../../flags/moments.js';

interface Event {
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly time: number;
}

const chunkSize = 64 * 1024;

const known = 'type event container image volume network label daemon scope'.split(' ');

/** Whether a word names the object of that event. */
function names({ Actor: { ID, Attributes } }: Event, word: string): boolean {
  const name = Attributes['name'];
  return ID === word || (word.length > 0 && ID.startsWith(word)) || name === word;
}

function isAbout(event: Event, filters: Filters, kind: string): boolean {
  const words = filters.get(kind);
  if (words === undefined) return true;
  if (event.Type === kind) return words.some((word) => names(event, word));
  // Containers also match by their attributes.
  return kind === 'image' && event.Type === 'container' && words.includes(event.Actor.Attributes['image'] ?? '');
}

function isWanted(event: Event, filters: Filters): boolean {
  const { Attributes } = event.Actor;
  const label = (wanted: string): boolean => {
    const at = wanted.indexOf('=');
    return at < 0 ? Object.hasOwn(Attributes, wanted) : Attributes[wanted.slice(0, at)] === wanted.slice(at + 1);
  };
  return (
    (filters.get('type')?.includes(event.Type) ?? true) &&
    (filters.get('event')?.some((action) => event.Action === action || event.Action.startsWith(`${action}:`)) ?? true) &&
    ['container', 'image', 'volume', 'network'].every((kind) => isAbout(event, filters, kind)) &&
    (filters.get('label') ?? []).every(label)
  );
}

/** docker's line: "TIME container start ID (image=busybox, name=x)". */
function lineOf(event: Event, text: string): string {
  const nanoseconds = /"timeNano":(\d+)/.exec(text)?.[1] ?? `${event.time}000000000`;
  const { ID, Attributes } = event.Actor;
  const attributes = Object.entries(Attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
  const time = localTimestamp(event.time, nanoseconds.slice(-9));
  return `${time} ${event.Type} ${event.Action} ${ID}${attributes === '' ? '' : ` (${attributes})`}`;
}

interface Showing {
  readonly since: number;
  readonly until: number;
  readonly filters: Filters;
  readonly run: Template | null;
  readonly json: boolean;
}

/** The event's time (microseconds) in milliseconds. */
const moment = (text: string): number => Number(/"timeNano":(\d+)/.exec(text)?.[1] ?? 0) / 1e6;

const eventMisfit = checkOf({
  'Type!': 'string',
  'Action!': 'string',
  'time!': 'number',
  'Actor!': { 'ID!': 'string', 'Attributes!': { [any]: 'string' } },
});

/** null: not an event. */
function parsed(text: string): Event | null {
  try {
    const value: unknown = JSON.parse(text);
    return eventMisfit(value) === undefined ? (value as Event) : null;
  } catch {
    return null;
  }
}

/** A line that a full disk cut off has no newline: the next event continues it. */
function afterCut(line: string): string | undefined {
  const begins = [...line.matchAll(/\{"(?:status|Type)":"/g)].map(({ index }) => line.slice(index));
  return begins.find((text) => parsed(text) !== null);
}

function show(engine: Engine, text: string, showing: Showing): void {
  const { since, until, filters, run, json } = showing;
  const at = moment(text);
  if (at < since || at > until) return;
  const event = parsed(text);
  if (event === null) {
    const rest = afterCut(text);
    if (rest !== undefined) show(engine, rest, showing);
    return;
  }
  if (!isWanted(event, filters)) return;
  engine.host.write(
    1,
    `${json ? text : run === null ? lineOf(event, text) : run({ ...event, Status: event.status, ID: event.Actor.ID, From: event.from, Time: event.time })}\n`,
  );
}

/** The lines of a growing file that a new one may replace. */
class Lines {
  #offset = 0;
  #inode = -1;
  #rest = '';

  constructor(
    private readonly engine: Engine,
    private readonly path: string,
  ) {}

  /** Skips what is already there. */
  skip(): void {
    const status = this.engine.host.lstat(this.path);
    this.#inode = status?.inode ?? -1;
    this.#offset = status?.size ?? 0;
  }

  read(body: (line: string) => void): void {
    const { host } = this.engine;
    const status = host.lstat(this.path);
    if (status?.type !== 'file') return;
    if (status.inode !== this.#inode || status.size < this.#offset) {
      const older = olderEvents(this.path);
      const before = host.lstat(older);
      // What has been written since the last call.
      if (before !== null && before.inode === this.#inode) this.#readTo(older, before.size, body);
      this.#inode = status.inode;
      this.#offset = 0;
      this.#rest = '';
    }
    this.#readTo(this.path, status.size, body);
  }

  #readTo(path: string, size: number, body: (line: string) => void): void {
    while (this.#offset < size) {
      const bytes = this.engine.host.readAt(path, this.#offset, chunkSize);
      if (bytes.length === 0) return;
      this.#offset += bytes.length;
      const lines = (this.#rest + latin1(bytes)).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) body(decodeUtf8(line));
    }
  }
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

function decodeUtf8(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  try {
    return decodeURIComponent(text.replace(/[%\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`));
  } catch {
    // The line may have been cut off inside a character.
    return text;
  }
}

export function run({ engine, values }: Call): number {
  const { host, paths } = engine;
  const now = host.now();
  const since = parseMoment('since', values['since'], now);
  const until = parseMoment('until', values['until'], now) ?? Infinity;
  const format = values['format'];
  const json = format === 'json' || format === '{{json .}}';
  const showing: Showing = {
    since: since ?? -Infinity,
    until,
    filters: parseFilters(values, known),
    run: typeof format === 'string' && format !== '' && !json ? template(format) : null,
    json,
  };
  const lines = new Lines(engine, paths.events);
  const each = (line: string): void => show(engine, line, showing);
  if (since === undefined && until === Infinity) lines.skip();
  else if (host.lstat(olderEvents(paths.events)) !== null) new Lines(engine, olderEvents(paths.events)).read(each);
  host.mkdir(paths.root, 0o700, true);
  const changes = new Changes(engine, paths.root);
  for (;;) {
    lines.read(each);
    if (host.now() > until) return 0;
    changes.wait([], Math.max(1, until - host.now()));
  }
}
