// sd_notify(3): a socket of the runtime's in the container, for what the program tells the service manager outside.
import type { Spec } from './spec-types.js';

/** Of the host directory with the socket in the container, and the socket's name there, as with runc. */
const mountPoint = '/run/notify';
export const notifySocketName = 'notify.sock';

/** The config with that directory mounted, where nobody can put anything else, and NOTIFY_SOCKET set. */
export function withNotifySocket(spec: Spec, directory: string): Spec {
  const { process, mounts = [] } = spec;
  if (process === undefined) return spec;
  const options = ['bind', 'ro', 'nosuid', 'noexec', 'nodev', 'rprivate'];
  return {
    ...spec,
    mounts: [...mounts, { destination: mountPoint, type: 'bind', source: directory, options }],
    process: { ...process, env: [...(process.env ?? []), `NOTIFY_SOCKET=${mountPoint}/${notifySocketName}`] },
  };
}
