// The shape of a rule that a schema cannot express, and what rules have in common.
import type { Spec } from '../generated/spec.js';
import type { Violation } from './violation.js';

export type { Spec };

export interface Rule {
  readonly name: string;
  /** Where the requirement comes from: a section of runtime-spec 1.3.0, a manual page, or the behaviour of runc. */
  readonly section: string;
  check(spec: Spec): Violation[];
}

export type Linux = NonNullable<Spec['linux']>;
export type Process = NonNullable<Spec['process']>;
export type Resources = NonNullable<Linux['resources']>;
export type IdMapping = NonNullable<Linux['uidMappings']>[number];
export type NamespaceType = NonNullable<Linux['namespaces']>[number]['type'];

/** The namespace entry of that type; undefined if the container shares the runtime's own. */
export function namespaceOf(spec: Spec, type: NamespaceType): { readonly path?: string } | undefined {
  return spec.linux?.namespaces?.find((namespace) => namespace.type === type);
}

/** No violations: the result of nearly every check of nearly every config, so it should cost nothing. */
const nothing: Violation[] = [];

/** A violation if `found` is true. Pass a function if the message is expensive to make. */
export function when(found: boolean, pointer: string, message: string | (() => string)): Violation[] {
  if (!found) return nothing;
  return [{ pointer, message: typeof message === 'string' ? message : message() }];
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** The violations of all items, each judged with its own pointer. */
export function forEach<T>(
  items: readonly T[] | undefined,
  pointer: string,
  check: (item: T, pointer: string, index: number) => Violation[],
): Violation[] {
  if (items === undefined || items.length === 0) return nothing;
  const violations: Violation[] = [];
  for (let index = 0; index < items.length; index++) {
    const found = check(items[index]!, `${pointer}/${index}`, index);
    if (found.length > 0) violations.push(...found);
  }
  return violations;
}

/** One violation for each item that repeats the key of an earlier one. */
export function duplicates<T>(
  items: readonly T[] | undefined,
  pointer: string,
  subject: { key: keyof T; what: string },
): Violation[] {
  const seen = new Set<unknown>();
  return forEach(items, pointer, (item, at) => {
    const value = item[subject.key];
    if (seen.has(value))
      return [{ pointer: `${at}/${String(subject.key)}`, message: `a second ${subject.what} ${JSON.stringify(value)}` }];
    seen.add(value);
    return [];
  });
}
