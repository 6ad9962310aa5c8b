// Parts of a config that come on their own, from a file, from flags or from a program: judged as in a config.
import type { Spec } from '../generated/spec.js';
import { validateIntelRdt, validateMounts, validateProcess, validateResources, type Validator } from '../generated/validate.js';
import { GivenValue, type Source } from '../json/json.js';
import { assertRules, warningsOf, type SpecWarning } from './judge.js';
import type { Linux, Process, Resources, Rule } from './rule.js';
import { idMapRules, mountAdvice, mountRules } from './rules/bundle.js';
import { mappingRules } from './rules/namespaces.js';
import { processAdvice, processRules } from './rules/process.js';
import { resourceRules } from './rules/resources.js';
import { schedulingRules } from './rules/scheduling.js';
import { validatePart } from './validate.js';

type Mounts = NonNullable<Spec['mounts']>;

/** A part, and how to judge it. */
export interface Part<T> {
  /** Its place in a config. */
  readonly base: string;
  readonly validator: Validator;
  readonly rules: readonly Rule[];
  readonly advice: readonly Rule[];
  readonly withoutEffect: readonly Rule[];
  readonly put: (value: T) => Partial<Spec>;
  /** What null in its place stands for; if absent, null is an error. */
  readonly empty?: T;
}

export const processPart: Part<Process> = {
  base: '/process',
  validator: validateProcess,
  rules: [...processRules, ...schedulingRules],
  advice: [],
  withoutEffect: processAdvice,
  put: (process) => ({ process }),
};

/** Does not check whether an id-mapped mount has ids to map by: see assertIdMaps. */
export const mountsPart: Part<Mounts> = {
  base: '/mounts',
  validator: validateMounts,
  rules: [...mountRules, ...mappingRules],
  advice: mountAdvice,
  withoutEffect: [],
  put: (mounts) => ({ mounts }),
  empty: [],
};

export const resourcesPart: Part<Resources> = {
  base: '/linux/resources',
  validator: validateResources,
  rules: resourceRules,
  advice: [],
  withoutEffect: [],
  put: (resources) => ({ linux: { resources } }),
  empty: {},
};

export const intelRdtPart: Part<NonNullable<Linux['intelRdt']>> = {
  base: '/linux/intelRdt',
  validator: validateIntelRdt,
  rules: resourceRules,
  advice: [],
  withoutEffect: [],
  put: (intelRdt) => ({ linux: { intelRdt } }),
};

/** Rules do not look at fields that a part cannot have. */
const specOf = <T>(part: Part<T>, value: T): Spec => part.put(value) as Spec;

/** Returns the source as that part; throws E_CONFIG_SCHEMA or E_CONFIG_RULE with all violations. */
export function judgePart<T>(part: Part<T>, source: Source): { readonly value: T; readonly warnings: readonly SpecWarning[] } {
  if (source.value === null && part.empty !== undefined) return { value: part.empty, warnings: [] };
  const value = validatePart(source, part.validator) as T;
  const spec = specOf(part, value);
  assertRules(source, spec, part.rules);
  return { value, warnings: [...warningsOf(spec, part.advice, true), ...warningsOf(spec, part.withoutEffect, false)] };
}

/** Applies the rules alone, to a value of the right type. Messages call it `name`. */
export function assertPart<T>(part: Part<T>, name: string, value: T): void {
  assertRules(new GivenValue(name, value, part.base), specOf(part, value), part.rules);
}

/** Checks mounts for the container of `spec`, which may have a user namespace to id-map by. */
export function assertIdMaps(spec: Spec, mounts: readonly Mounts[number][]): void {
  assertRules(new GivenValue('the mounts', mounts, mountsPart.base), { ...spec, mounts: [...mounts] }, idMapRules);
}
