import { fromHost, PockerError } from '../../errors.js';
import { gatherFacts } from '../../host/facts.js';
import { absolute, type Invocation } from '../invocation.js';
import { rootlessTemplate, template } from './spec-template.js';

/** Writes config.json into the bundle, but never over an existing one. */
export function run({ host, values }: Invocation): number {
  const bundle = absolute(host, String(values['bundle'] ?? ''));
  const path = `${bundle}/config.json`;
  if (host.lstat(path) !== null) {
    throw new PockerError('E_BUNDLE', `${path} exists`, { path, hint: 'Remove it first' });
  }
  const cgroupNamespace = gatherFacts(host).cgroup.layout === 'v2';
  const spec = values['rootless'] === true ? rootlessTemplate(host.euid, host.egid, cgroupNamespace) : template(cgroupNamespace);
  try {
    host.writeAtomic(bundle, 'config.json', `${JSON.stringify(spec, undefined, '\t')}\n`, 0o666);
  } catch (caught) {
    throw fromHost('E_BUNDLE', 'cannot write config.json', caught, { path });
  }
  return 0;
}
