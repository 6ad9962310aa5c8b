// What listing commands print: a table, a template's line per row, JSON lines, or ids alone.
import type { Call } from '../command.js';
import { json, sortedEntries, type Fields } from './go-values.js';
import { outputWidth, table } from './table.js';
import { template } from './template.js';

export interface Listing {
  /** docker's fields of each row: strings, or methods for templates ({{.Label "x"}}). */
  readonly rows: readonly Fields[];
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

export function rowsText(values: Call['values'], listing: Listing, width = Infinity): string {
  const { rows, headings, columns, quiet } = listing;
  const format = unescaped(typeof values['format'] === 'string' ? values['format'] : '');
  if (values['quiet'] === true && quiet !== undefined && (format === '' || format === 'table'))
    return rows.map((row) => `${text(row[quiet])}\n`).join('');
  if (format === '' || format === 'table') {
    const cells = rows.map((row) => columns.map((name) => text(row[name])));
    return table([columns.map((name) => headings[name] ?? name.toUpperCase()), ...cells], width === Infinity ? {} : { width });
  }
  if (format === 'json' || format === '{{json .}}')
    return rows.map((row) => `${json(Object.fromEntries(sortedEntries(row)))}\n`).join('');
  if (!format.startsWith('table')) {
    const run = template(format);
    return rows.map((row) => `${run(row)}\n`).join('');
  }
  const run = template(format.slice('table'.length).trim());
  return table([headingFields(rows[0], headings), ...rows].map((row) => run(row).split('\t')));
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
