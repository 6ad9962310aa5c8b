import { commit, version } from '../../generated/version.js';
import type { Host } from '../../host/host.js';
import { specVersion } from '../../spec/version.js';

/** runc's lines, which engines parse. */
export function printVersion(host: Host): void {
  host.write(
    1,
    `pocker-runc version ${version}\ncommit: ${commit}\nspec: ${specVersion}\nlibseccomp: ${host.seccompVersion()}\n`,
  );
}
