// exec: another program in a running container, set up like the container's own program.
import { capabilityNames } from '../../plan/tables/capabilities.js';
import type { Process } from '../../plan/spec-types.js';
import { strictly } from '../../container/notices.js';
import { execInContainer } from '../../runtime/exec.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { asProgramError } from './starting/conmon.js';
import { detachKeys, usualDetachKeys } from './foreground.js';
import { given, type EngineValues } from '../flags/values.js';
import { capabilitiesOf, capabilitySets } from './bundle/capabilities.js';
import { withUsual } from './bundle/spec.js';
import { resolveUser } from './bundle/user.js';
import { requireContainer, runs, type StoredContainer } from '../records/container-store.js';
import { environment } from '../flags/pairs.js';

/** The container, which must be running. docker's texts. */
export function requireRunning(engine: Engine, said: string): StoredContainer {
  const container = requireContainer(engine, said);
  const { record, state } = container;
  if (state.status === 'paused' && runs(engine, state))
    throw engineError(
      `Container ${record.id} is paused, unpause the container before exec`,
      `Resume it: pocker unpause ${record.name}`,
    );
  if (state.status === 'restarting')
    throw engineError(`Container ${record.id} is restarting, wait until the container is running`, 'Try again');
  if (state.status !== 'running' || !runs(engine, state))
    throw engineError(`Container ${record.id} is not running`, `Start it: pocker start ${record.name}`);
  return container;
}

export interface ExecRequest {
  readonly args: readonly string[];
  readonly terminal: boolean;
  readonly detached: boolean;
  readonly privileged: boolean;
  readonly user: string | undefined;
  readonly workdir: string | undefined;
  readonly env: (below: readonly string[]) => readonly string[];
  /** Keys that detach; "": none. */
  readonly detachKeys: string;
}

export function execRequest(engine: Engine, values: EngineValues, args: readonly string[]): ExecRequest {
  return {
    args,
    terminal: values['tty'] === true,
    detached: values['detach'] === true,
    privileged: values['privileged'] === true,
    user: given(values, 'user'),
    workdir: given(values, 'workdir'),
    detachKeys: given(values, 'detach-keys') ?? usualDetachKeys,
    env: (below) => environment(engine, values, below),
  };
}

/** Taken from the container's own process. */
function processOf(engine: Engine, { record, state }: StoredContainer, request: ExecRequest, own: Process | undefined): Process {
  const { config, hostConfig } = record;
  const base = own ?? { cwd: '/' };
  const said = request.user ?? config.User;
  const user = resolveUser(engine, `/proc/${state.pid}/root`, said, hostConfig.GroupAdd);
  const names = request.privileged ? [...capabilityNames] : capabilitiesOf(hostConfig);
  return {
    ...base,
    terminal: request.terminal,
    args: [...request.args],
    cwd: request.workdir ?? (config.WorkingDir === '' ? '/' : config.WorkingDir),
    env: withUsual(request.env(config.Env), record, request.terminal, user.home),
    user: { uid: user.uid, gid: user.gid, additionalGids: [...user.additionalGids] },
    capabilities: capabilitySets(names, user.uid),
  };
}

/** Returns the exit code; detached, 0 at once; -1 when the user detaches. E_EXEC if it cannot be run. */
export function execProgram(engine: Engine, container: StoredContainer, request: ExecRequest): number {
  try {
    return execInContainer(engine.host, {
      root: engine.paths.runtime,
      id: container.record.id,
      process: (own) => processOf(engine, container, request, own),
      cgroups: [],
      ignorePaused: false,
      listenFds: 0,
      preserveFds: 0,
      rootless: engine.rootless,
      detached: request.detached,
      ...(request.terminal ? { detaching: { keys: detachKeys(request.detachKeys) } } : {}),
      ...strictly((text, fields) => engine.log.warn(text, fields), false),
    });
  } catch (caught) {
    throw asProgramError(request.args[0] ?? '', caught);
  }
}
