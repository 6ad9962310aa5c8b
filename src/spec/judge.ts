// Is this config one that can be made a container of? The schema first, then the rules that a schema cannot say.
import type { JsonDocument } from '../json/json.js';
import type { Spec } from '../generated/spec.js';
import type { Rule } from './rule.js';
import { advice, checkAll, rules, textRules, withoutEffect } from './rules.js';
import { validate } from './validate.js';
import { violationError } from './violation.js';

/** Not an error: something deprecated, or without effect. */
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

/** The config as a Spec; E_CONFIG_SCHEMA or E_CONFIG_RULE with all violations otherwise. */
export function judge(document: JsonDocument): Judged {
  const spec = validate(document);
  const violations = checkAll(rules, spec);
  // JSON can write a NUL in no other way, and to look at every string takes longer than all rules together.
  if (document.text.includes('\\u0000')) violations.push(...checkAll(textRules, spec));
  if (violations.length > 0) throw violationError('E_CONFIG_RULE', document, violations);
  const found = (list: readonly Rule[], isAdvice: boolean) =>
    checkAll(list, spec).map(({ pointer, message }) => ({ pointer, text: message, advice: isAdvice }));
  return { spec, warnings: [...found(advice, true), ...found(withoutEffect, false)] };
}
