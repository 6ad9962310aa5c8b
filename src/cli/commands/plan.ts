import { planBundle } from '../../runtime/plan.js';
import { planToJson, printPlan } from '../../plan/print/print.js';
import { absolute, type Invocation } from '../invocation.js';
import { planRequest } from './create-options.js';

/** Shows what create would do for the bundle, which is an argument or --bundle. Changes nothing. */
export function run(invocation: Invocation): number {
  const { host, values, args } = invocation;
  const bundle = absolute(host, args[0] ?? String(values['bundle'] ?? ''));
  const id = String(values['id'] ?? bundle.slice(bundle.replace(/\/+$/, '').lastIndexOf('/') + 1).replace(/[^\w+.-]/g, '_'));
  const { plan } = planBundle(host, {
    ...planRequest(invocation, id, bundle),
    warn: () => undefined,
    notApplied: () => undefined,
  });
  host.write(1, values['format'] === 'json' ? `${JSON.stringify(planToJson(plan), undefined, 2)}\n` : printPlan(plan));
  return 0;
}
