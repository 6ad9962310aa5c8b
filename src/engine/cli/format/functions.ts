// Template functions: Go's own, and those that docker adds.
import { isFields, isTrue, json, print, printf, show } from './go-values.js';

export type TemplateFunction = (...args: readonly unknown[]) => unknown;

function compare(a: unknown, b: unknown): number {
  const comparable = typeof a === typeof b && (typeof a === 'number' || typeof a === 'string');
  if (!comparable) throw new Error('incompatible types for comparison');
  return a < (b as typeof a) ? -1 : a === b ? 0 : 1;
}

function element(of: unknown, key: unknown): unknown {
  if (of === null || of === undefined) throw new Error('index of untyped nil');
  if (isFields(of)) return Object.hasOwn(of, String(key)) ? of[String(key)] : undefined;
  if (!Array.isArray(of) && typeof of !== 'string') throw new Error(`can't index item of type ${typeof of}`);
  const at = Number(key);
  if (!Number.isInteger(at)) throw new Error(`cannot index slice/array with type ${typeof key}`);
  if (at < 0 || at >= of.length) throw new Error(`reflect: slice index out of range`);
  return typeof of === 'string' ? of.charCodeAt(at) : (of[at] as unknown);
}

function length(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (isFields(value)) return Object.keys(value).length;
  throw new Error(`len of ${value === null || value === undefined ? 'nil pointer' : `type ${typeof value}`}`);
}

function slice(of: unknown, from: unknown = 0, to?: unknown): unknown {
  if (typeof of !== 'string' && !Array.isArray(of)) throw new Error(`can't slice item of type ${typeof of}`);
  const end = to === undefined ? of.length : Number(to);
  if (Number(from) > end || end > of.length) throw new Error(`index out of range: ${end}`);
  return of.slice(Number(from), end);
}

const text = (value: unknown): string => show(value);
const items = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : value === null || value === undefined ? [] : [value];

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

const titled = (value: unknown): string => text(value).replace(/(^|\s)\p{L}/gu, (start) => start.toUpperCase());

export const functions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['json', (value) => json(value)],
  ['join', (value, separator) => items(value).map(show).join(text(separator))],
  ['split', (value, separator) => text(value).split(text(separator))],
  ['title', titled],
  ['lower', (value) => text(value).toLowerCase()],
  ['upper', (value) => text(value).toUpperCase()],
  [
    'pad',
    (value, before, after) =>
      text(value) === '' ? '' : `${' '.repeat(Number(before))}${text(value)}${' '.repeat(Number(after))}`,
  ],
  ['truncate', (value, size) => text(value).slice(0, Number(size))],
  ['println', (...values) => `${values.map(show).join(' ')}\n`],
  ['print', (...values) => print(values)],
  ['printf', (format, ...values) => printf(text(format), values)],
  ['index', (of, ...keys) => keys.reduce(element, of)],
  ['len', length],
  ['slice', slice],
  ['not', (value) => !isTrue(value)],
  ['eq', (first, ...others) => others.some((other) => other === first)],
  ['ne', (a, b) => a !== b],
  ['lt', (a, b) => compare(a, b) < 0],
  ['le', (a, b) => compare(a, b) <= 0],
  ['gt', (a, b) => compare(a, b) > 0],
  ['ge', (a, b) => compare(a, b) >= 0],
  ['html', (value) => text(value).replace(/[&<>"']/g, (letter) => escapes[letter]!)],
  ['urlquery', (value) => encodeURIComponent(text(value)).replaceAll('%20', '+')],
]);
