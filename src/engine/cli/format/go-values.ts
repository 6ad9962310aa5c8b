// How Go's text/template and fmt treat values: what is true, how each prints, what is equal.

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Empty values are false. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isFields(value) || Object.keys(value).length > 0;
}

/** Fields of an object that are not methods, in the order in which Go prints and ranges over maps. */
export function sortedEntries(value: Fields): [string, unknown][] {
  return Object.entries(value)
    .filter(([, entry]) => typeof entry !== 'function')
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** %v */
export function show(value: unknown): string {
  if (value === undefined) return '<no value>';
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (isFields(value))
    return `map[${sortedEntries(value)
      .map(([name, entry]) => `${name}:${show(entry)}`)
      .join(' ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** JSON with keys in the object's order and without methods; &, < and > are not escaped, as in docker. */
export function json(value: unknown, indent?: number): string {
  return JSON.stringify(value ?? null, undefined, indent);
}

function pad(text: string, flags: string, width: string): string {
  const size = Number(width === '' ? 0 : width);
  if (flags.includes('-')) return text.padEnd(size);
  return text.padStart(size, flags.includes('0') ? '0' : ' ');
}

function converted(verb: string, precision: string, value: unknown): string {
  const digits = precision === '' ? undefined : Number(precision.slice(1));
  switch (verb) {
    case 'd':
      return typeof value === 'number' ? String(Math.trunc(value)) : `%!d(${show(value)})`;
    case 'f':
      return Number(value).toFixed(digits ?? 6);
    case 'x':
      return typeof value === 'number' ? value.toString(16) : hexadecimal(show(value));
    case 'q':
      return JSON.stringify(show(value));
    default:
      return digits === undefined ? show(value) : show(value).slice(0, digits);
  }
}

const hexadecimal = (text: string): string =>
  Array.from(text, (letter) => letter.codePointAt(0)!.toString(16).padStart(2, '0')).join('');

/** fmt.Sprintf, with the verbs that templates use. */
export function printf(format: string, values: readonly unknown[]): string {
  let at = 0;
  return format.replace(
    /%([-+# 0]*)(\d*)(\.\d+)?([a-zA-Z%])/g,
    (_, flags: string, width: string, precision = '', verb: string) => {
      if (verb === '%') return '%';
      if (at >= values.length) return `%!${verb}(MISSING)`;
      return pad(converted(verb, precision as string, values[at++]), flags, width);
    },
  );
}

/** fmt.Sprint: adds a space between two operands that are not strings. */
export function print(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const spaced = index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string';
      return `${spaced ? ' ' : ''}${show(value)}`;
    })
    .join('');
}
