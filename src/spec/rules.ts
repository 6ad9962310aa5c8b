// All rules in one place: those that refuse a config, and those that only give advice.
import { annotationRules, hookRules, idMapRules, mountAdvice, mountRules, versionRules } from './rules/bundle.js';
import { deviceAdvice, deviceRules, networkRules } from './rules/devices.js';
import { namespaceRules, mappingRules } from './rules/namespaces.js';
import { kernelAdvice, kernelRules } from './rules/kernel.js';
import { processRules, processAdvice } from './rules/process.js';
import { resourceRules } from './rules/resources.js';
import { rootRules } from './rules/root.js';
import { schedulingRules } from './rules/scheduling.js';
import { seccompRules } from './rules/seccomp.js';
import { textRules } from './rules/text.js';
import type { Rule, Spec } from './rule.js';
import type { Violation } from './violation.js';

/** A config that breaks one of these is refused. In the order of the specification. */
export const rules: readonly Rule[] = [
  ...versionRules,
  ...rootRules,
  ...mountRules,
  ...idMapRules,
  ...processRules,
  ...schedulingRules,
  ...hookRules,
  ...annotationRules,
  ...namespaceRules,
  ...mappingRules,
  ...deviceRules,
  ...networkRules,
  ...resourceRules,
  ...kernelRules,
  ...seccompRules,
];

/** Only for a config with a NUL somewhere in its text. */
export { textRules };

/** A config that breaks one of these is accepted, with a warning. */
export const advice: readonly Rule[] = [...mountAdvice, ...deviceAdvice];

/** A field that breaks one of these is ignored, with a warning. */
export const withoutEffect: readonly Rule[] = [...processAdvice, ...kernelAdvice];

/** Everything that the rules find. */
export function checkAll(list: readonly Rule[], spec: Spec): Violation[] {
  const violations: Violation[] = [];
  for (const rule of list) {
    const found = rule.check(spec);
    if (found.length > 0) violations.push(...found);
  }
  return violations;
}
