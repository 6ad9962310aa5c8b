// Can a container be made from this config? Checks the schema first, then the rules that a schema cannot express.
import type { Source } from '../json/json.js';
import type { Spec } from '../generated/spec.js';
import type { Rule } from './rule.js';
import { advice, checkAll, rules, textRules, withoutEffect } from './rules.js';
import { validate } from './validate.js';
import { violationError } from './violation.js';

/** Not an error: something that is deprecated or has no effect. */
export interface SpecWarning {
  readonly pointer: string;
  readonly text: string;
  /** Deprecated, but with effect. */
  readonly advice: boolean;
}

export interface Judged {
  readonly spec: Spec;
  readonly warnings: readonly SpecWarning[];
}

/** Throws E_CONFIG_RULE with all violations. `spec`: the config that the source is, or is a part of. */
export function assertRules(source: Source, spec: Spec, list: readonly Rule[]): void {
  const violations = checkAll(list, spec);
  if (source.mayHoldNul) violations.push(...checkAll(textRules, spec));
  if (violations.length > 0) throw violationError('E_CONFIG_RULE', source, violations);
}

export function warningsOf(spec: Spec, list: readonly Rule[], isAdvice: boolean): SpecWarning[] {
  return checkAll(list, spec).map(({ pointer, message }) => ({ pointer, text: message, advice: isAdvice }));
}

/** Returns the config as a Spec; throws E_CONFIG_SCHEMA or E_CONFIG_RULE with all violations. */
export function judge(source: Source): Judged {
  const spec = validate(source);
  assertRules(source, spec, rules);
  return { spec, warnings: [...warningsOf(spec, advice, true), ...warningsOf(spec, withoutEffect, false)] };
}
