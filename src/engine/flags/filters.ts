// --filter name=value: values of one name are alternatives; all names must match.
import { usageError } from '../errors.js';
import type { EngineValues } from './values.js';

export type Filters = ReadonlyMap<string, readonly string[]>;

/** Fails in docker's words for a filter that is not in `known`. */
export function parseFilters(values: EngineValues, known: readonly string[]): Filters {
  const found = new Map<string, string[]>();
  for (const word of (values['filter'] as readonly string[] | undefined) ?? []) {
    const at = word.indexOf('=');
    if (at < 0) throw usageError(`invalid argument ${JSON.stringify(word)} for "-f, --filter" flag: invalid filter '${word}'`);
    const name = word.slice(0, at).trim().toLowerCase();
    if (!known.includes(name)) throw usageError(`invalid filter '${name}'`);
    found.set(name, [...(found.get(name) ?? []), word.slice(at + 1).trim()]);
  }
  return found;
}

/** Whether any value of that name passes; true without values. */
export function passes(filters: Filters, name: string, test: (value: string) => boolean): boolean {
  return filters.get(name)?.some(test) ?? true;
}

/** "name" or "name=value"; all given labels must match. */
export function passesLabels(filters: Filters, labels: Readonly<Record<string, string>>, name = 'label'): boolean {
  return (filters.get(name) ?? []).every((wanted) => {
    const at = wanted.indexOf('=');
    const key = at < 0 ? wanted : wanted.slice(0, at);
    return Object.hasOwn(labels, key) && (at < 0 || labels[key] === wanted.slice(at + 1));
  });
}

/** For a prune: all label=… must match; label!=… keep whatever matches all of them. */
export function passesPrune(filters: Filters, labels: Readonly<Record<string, string>>): boolean {
  return passesLabels(filters, labels) && !(filters.has('label!') && passesLabels(filters, labels, 'label!'));
}

/** Matches names and ids like docker: as a regular expression or the exact text. */
export function matches(text: string, pattern: string): boolean {
  if (text === pattern) return true;
  try {
    return new RegExp(pattern).test(text);
  } catch {
    throw usageError(`invalid filter: ${JSON.stringify(pattern)} is not a regular expression`);
  }
}

/** true, false, 1, 0 */
export function flag(name: string, value: string): boolean {
  if (['true', '1', 't', 'T', 'True', 'TRUE'].includes(value)) return true;
  if (['false', '0', 'f', 'F', 'False', 'FALSE'].includes(value)) return false;
  throw usageError(`invalid filter '${name}=[${value}]'`);
}
