// Whether the caller is an ordinary user. Podman may run the runtime as root of a user namespace: that is one, too.
import type { Host } from '../../host/host.js';
import { inUserNamespace } from '../../host/facts.js';

/** The meaning of --rootless=auto. */
export function isRootless(host: Host): boolean {
  return host.euid !== 0 || inUserNamespace(host);
}

/** The default --root. A root shell in a user namespace ($USER is root) keeps to /run, as with runc. */
export function defaultRoot(host: Host): string {
  const directory = host.env('XDG_RUNTIME_DIR') ?? '';
  const ordinary = directory !== '' && isRootless(host) && (host.euid !== 0 || host.env('USER') !== 'root');
  return `${ordinary ? directory : '/run'}/pocker-runc`;
}
