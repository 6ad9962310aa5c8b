// sd_notify(3): puts a socket of the runtime into the container, where the program can talk to the service manager outside.
import type { Spec } from './spec-types.js';

/** In the container, the mount point of the host directory with the socket, and the socket's name there; as in runc. */
const mountPoint = '/run/notify';
export const notifySocketName = 'notify.sock';

/** The config with that directory mounted so that nobody can add anything to it, and with NOTIFY_SOCKET set. */
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
