// Which namespaces a container shares with the host or another container: --pid, --ipc, --uts, --cgroupns.
import { engineError, usageError } from '../../errors.js';
import type { HostConfig } from '../../records/container.js';
import { given, type EngineValues } from '../../flags/values.js';

function mode(values: EngineValues, flag: string, known: readonly string[], kind: string): string {
  const said = given(values, flag) ?? '';
  if (known.includes(said)) return said;
  throw usageError(`--${flag}: invalid ${kind} mode`, 'run');
}

function ipcMode(values: EngineValues): string {
  const said = given(values, 'ipc') ?? '';
  if (said.startsWith('container:') || said === 'shareable')
    throw engineError(`--ipc ${said} is not supported`, 'Share a directory: --volume /dev/shm/NAME:/dev/shm for both');
  if (['', 'private', 'none', 'host'].includes(said)) return said === '' ? 'private' : said;
  throw engineError(`Invalid IPC mode: ${said}`, 'Choose private, none or host');
}

function pidMode(values: EngineValues): string {
  const said = given(values, 'pid') ?? '';
  return /^container:.+/.test(said) ? said : mode(values, 'pid', ['', 'host'], 'PID');
}

export function namespaceModes(
  values: EngineValues,
): Pick<HostConfig, 'PidMode' | 'IpcMode' | 'UTSMode' | 'CgroupnsMode' | 'UsernsMode'> {
  const UTSMode = mode(values, 'uts', ['', 'host'], 'UTS');
  if (UTSMode === 'host' && (given(values, 'hostname') ?? '') !== '')
    throw engineError('conflicting options: hostname and the UTS mode', 'Omit --hostname');
  return {
    PidMode: pidMode(values),
    IpcMode: ipcMode(values),
    UTSMode,
    CgroupnsMode: mode(values, 'cgroupns', ['', 'private', 'host'], 'CGROUP'),
    UsernsMode: mode(values, 'userns', ['', 'host'], 'USER'),
  };
}
