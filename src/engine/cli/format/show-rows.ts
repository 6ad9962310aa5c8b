// What listing commands print: a table, a template's line per row, JSON lines, or ids alone.
import type { Call } from '../command.js';
import { json, sortedEntries, type Fields } from './go-values.js';
import { outputWidth, table } from './table.js';
import { template } from './template.js';

/** Rows that are made only if a format wants them. */
export interface Rows {
  readonly count: number;
  row(index: number): Fields;
  /** One field of each row, none of which need be made. */
  column(name: string): readonly unknown[];
}

export interface Listing {
  /** docker's fields of each row: strings, or methods for templates ({{.Label "x"}}). */
  readonly rows: readonly Fields[] | Rows;
  /** The heading of each field. */
  readonly headings: Readonly<Record<string, string>>;
  /** Fields in the default table. */
  readonly columns: readonly string[];
  /** The only field with -q. */
  readonly quiet?: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : json(value));

/** "\t" and "\n" in a format mean what they mean in C. */
const unescaped = (format: string): string => format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');

/** Applies --format, --quiet and --no-trunc; writes to standard output. */
export function showRows({ engine: { host }, values }: Pick<Call, 'engine' | 'values'>, listing: Listing): void {
  host.write(1, rowsText(values, listing, values['no-trunc'] === true ? Infinity : outputWidth(host)));
}

const isMade = (rows: Listing['rows']): rows is readonly Fields[] => Array.isArray(rows);

const asRows = (rows: Listing['rows']): Rows =>
  isMade(rows) ? { count: rows.length, row: (index) => rows[index]!, column: (name) => rows.map((row) => row[name]) } : rows;

/** One for each row. */
function lines<T>({ count }: Rows, make: (index: number) => T): T[] {
  const made: T[] = [];
  for (let index = 0; index < count; ++index) made.push(make(index));
  return made;
}

/** Counted loops: a listing has many hundreds of cells. */
function cellsOf(rows: Rows, columns: readonly string[]): string[][] {
  const shown = columns.map((name) => rows.column(name));
  return lines(rows, (index) => {
    const row: string[] = [];
    for (let column = 0; column < shown.length; ++column) {
      const cell = shown[column]![index];
      row[column] = typeof cell === 'string' ? cell : text(cell);
    }
    return row;
  });
}

export function rowsText(values: Call['values'], { headings, columns, quiet, ...listing }: Listing, width = Infinity): string {
  const rows = asRows(listing.rows);
  const format = unescaped(typeof values['format'] === 'string' ? values['format'] : '');
  if (values['quiet'] === true && quiet !== undefined && (format === '' || format === 'table'))
    return rows
      .column(quiet)
      .map((cell) => `${text(cell)}\n`)
      .join('');
  if (format === '' || format === 'table') {
    const titles = columns.map((name) => headings[name] ?? name.toUpperCase());
    return table([titles, ...cellsOf(rows, columns)], width === Infinity ? {} : { width });
  }
  if (format === 'json' || format === '{{json .}}')
    return lines(rows, (index) => `${json(Object.fromEntries(sortedEntries(rows.row(index))))}\n`).join('');
  if (!format.startsWith('table')) {
    const run = template(format);
    return lines(rows, (index) => `${run(rows.row(index))}\n`).join('');
  }
  const run = template(format.slice('table'.length).trim());
  const shown = lines(rows, (index) => run(rows.row(index)).split('\t'));
  return table([run(headingFields(rows.count === 0 ? undefined : rows.row(0), headings)).split('\t'), ...shown]);
}

/** Headings take the place of values; a method's heading is its argument. */
function headingFields(row: Fields | undefined, headings: Listing['headings']): Fields {
  const methods = Object.entries(row ?? {}).filter(([, value]) => typeof value === 'function');
  return {
    Label: (name: unknown) => headingOf(name),
    ...Object.fromEntries(methods.map(([name]) => [name, headingOf])),
    ...headings,
  };
}

/** docker's heading of a label's column: "some name" for "com.example/some-name". */
function headingOf(name: unknown): string {
  const [last = ''] = text(name).split(/[./]/).slice(-1);
  return last.replaceAll(/[-_]/g, ' ');
}
