// A filter as text: equal for two filters exactly if they compile to the same program.
import type { SeccompRule } from '../../host/host.js';
import type { SeccompPlan } from '../plan.js';

function ruleText({ action, args, names }: SeccompRule): string {
  const conditions = args.map(({ index, op, value, valueTwo }) => `${index}:${op}:${value}:${valueTwo}`);
  // No name contains a NUL: a config with one is refused.
  return `${action} ${names.length} ${conditions.join(' ')}\n${names.join('\0')}\0`;
}

/** `compiler`: the versions of everything that makes the program. */
export function filterKey({ filter, refuseNewer }: SeccompPlan, compiler: readonly string[]): string {
  const head = [...compiler, filter.defaultAction, filter.architectures.join(','), refuseNewer ? 'newer' : ''];
  return [head.join(' '), ...filter.rules.map(ruleText)].join('\n');
}
