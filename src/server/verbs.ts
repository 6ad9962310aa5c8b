// Each verb of a request, implemented by src/runtime like the commands.
import { PockerError } from '../errors.js';
import { parseJson } from '../json/json.js';
import { judge } from '../spec/judge.js';
import { intelRdtPart, judgePart, mountsPart, resourcesPart, type Part } from '../spec/parts.js';
import { planToJson } from '../plan/print/print.js';
import { containerStats } from '../cgroup/stats/stats.js';
import { oomCounter } from '../cgroup/out-of-memory.js';
import type { ContainerRecord } from '../container/record.js';
import { Store } from '../container/store.js';
import { awaitExit, send } from '../container/process.js';
import { checkpointContainer } from '../runtime/checkpoint.js';
import { createContainer, type CreateOptions } from '../runtime/create.js';
import { deleteContainer } from '../runtime/delete.js';
import { currentStats, watchEvents } from '../runtime/events.js';
import { launchInContainer } from '../runtime/exec.js';
import { overlaid } from '../runtime/exec-process.js';
import { runtimeFeatures } from '../runtime/features.js';
import { killContainer } from '../runtime/kill.js';
import { changeMounts } from '../runtime/mounts.js';
import { pauseContainer, resumeContainer } from '../runtime/pause.js';
import { planBundle, type PlanRequest } from '../runtime/plan.js';
import { containerProcesses } from '../runtime/ps.js';
import { listStatus, readStatus } from '../runtime/state.js';
import { restoreDetached } from '../runtime/restore.js';
import { runDetached } from '../runtime/run.js';
import { startAndWait } from '../runtime/start.js';
import { updateContainer } from '../runtime/update.js';
import type { CreateRequest, MadeContainer, Owned, Verbs } from './messages.js';
import type { Context, VerbBody } from './context.js';

const none = null;

function planRequest(context: Context, request: Verbs['plan']['takes']): PlanRequest {
  const { rootless, cgroupManager, warn, notApplied } = context;
  const { id, bundle, config, noPivot, noNewKeyring, preserveFds } = request;
  const given = config === undefined ? {} : { configText: config };
  return { id, bundle, ...given, noPivot, noNewKeyring, preserveFds, listenFds: 0, rootless, cgroupManager, warn, notApplied };
}

function createOptions(context: Context, request: CreateRequest): CreateOptions {
  const { console, pidFile } = request;
  return {
    ...planRequest(context, request),
    root: context.root,
    detached: true,
    ...(console < 0 ? {} : { consoleFd: console }),
    ...(pidFile === '' ? {} : { pidFile }),
  };
}

/** Describes the container's process to its maker, and tells the fork server what it must know of it. */
function made({ host, root, notice }: Context, record: ContainerRecord, owned: boolean): MadeContainer {
  const init = record.init!;
  // First: after "process", nothing is undone.
  if (owned) notice('own', JSON.stringify({ root, id: record.id, init } satisfies Owned));
  notice('process', String(init.pid));
  return { process: init, root, bundle: record.bundle, memoryEvents: oomCounter(host, record.cgroups) };
}

const lifecycle = {
  create: (context, request) => {
    const { record } = createContainer(context.host, createOptions(context, request));
    return made(context, record, request.owned);
  },
  run: (context, request) => {
    const { record } = runDetached(context.host, createOptions(context, request));
    return made(context, record, request.owned);
  },
  restore: (context, request) => {
    const { imagePath, workPath, parentPath, flags } = request;
    const options = { ...createOptions(context, request), imagePath, workPath, parentPath, flags, noSubreaper: true };
    return made(context, restoreDetached(context.host, options), request.owned);
  },
  start: ({ host, root, warn, notApplied }, { id }) => {
    startAndWait(host, { root, id, warn, notApplied });
    return none;
  },
  exec: (context, { id, process, cgroups, ignorePaused, preserveFds, console, pidFile }) => {
    const { host, root, rootless, warn, notApplied, notice } = context;
    const identity = launchInContainer(host, {
      ...{ root, id, cgroups, ignorePaused, preserveFds, rootless, warn, notApplied, listenFds: 0, detached: true },
      ...(console < 0 ? {} : { consoleFd: console }),
      ...(pidFile === '' ? {} : { pidFile }),
      process: (own) => overlaid(own, process),
    });
    notice('process', String(identity.pid));
    return { process: identity };
  },
  wait: ({ host }, { process }) => awaitExit(host, process),
  signal: ({ host }, { process, signal }) => send(host, process, signal),
  kill: ({ host, root }, { id, signal, all }) => {
    killContainer(host, { root, id, signal, all });
    return none;
  },
  delete: ({ host, root, warn, notice }, { id, init, force, owned, stats }) => {
    const used = stats ? containerStats(host, new Store(host, root).read(id).cgroups) : null;
    deleteContainer(host, { root, id, force, warn, ...(init === null ? {} : { init }) });
    if (owned && init !== null) notice('disown', JSON.stringify({ root, id, init } satisfies Owned));
    return used;
  },
  end: ({ host, warn }, { owned }) => {
    for (const { root, id, init } of owned) {
      try {
        deleteContainer(host, { root, id, init, force: true, warn });
      } catch {
        // The others must go, too. delete finds what is left of this one.
      }
    }
    return none;
  },
} satisfies {
  [V in 'create' | 'run' | 'restore' | 'start' | 'exec' | 'wait' | 'signal' | 'kill' | 'delete' | 'end']: VerbBody<V>;
};

const judgedPart = <T>(part: Part<T>, name: string, text: string): T => judgePart(part, parseJson(name, text, part.base)).value;

const changes = {
  pause: ({ host, root }, { id }) => {
    pauseContainer(host, { root, id });
    return none;
  },
  resume: ({ host, root }, { id }) => {
    resumeContainer(host, { root, id });
    return none;
  },
  update: ({ host, root, rootless, warn }, { id, resources, rdt }) => {
    const change = judgedPart(resourcesPart, 'the resources', resources);
    updateContainer(host, { root, id, change, rdt: judgedPart(intelRdtPart, 'intelRdt', rdt), rootless, warn });
    return none;
  },
  mounts: ({ host, root, rootless, warn, notApplied }, { id, action, mounts }) => {
    const list = judgedPart(mountsPart, 'the mounts', mounts);
    changeMounts(host, { root, id, action, mounts: list, rootless, warn, notApplied });
    return none;
  },
  checkpoint: ({ host, root, warn }, { id, flags, imagePath, workPath, parentPath }) => {
    checkpointContainer(host, { root, id, flags, imagePath, workPath, parentPath, statusFd: -1, warn });
    return none;
  },
} satisfies { [V in 'pause' | 'resume' | 'update' | 'mounts' | 'checkpoint']: VerbBody<V> };

const questions = {
  get: ({ host, root }, { id }) => {
    const { init, cgroups } = new Store(host, root).read(id);
    const made = init === null ? {} : { process: init, memoryEvents: oomCounter(host, cgroups) };
    return { ...readStatus(host, root, id), root, ...made };
  },
  list: ({ host, root, rootGiven, warn }) => listStatus(host, { root, rootGiven, warn }),
  processes: ({ host, root }, { id }) => containerProcesses(host, root, id),
  stats: ({ host, root }, { id }) => currentStats(host, { root, id }),
  events: ({ host, root, warn, say, channel }, { id, intervalMs }) => {
    watchEvents(host, {
      root,
      id,
      intervalMs,
      warn,
      reader: channel,
      emit: (type, data) => say({ event: data === undefined ? { type } : { type, data } }),
    });
    return none;
  },
  plan: (context, request) => planToJson(planBundle(context.host, planRequest(context, request)).plan),
  validate: (_context, { name, text }) => {
    try {
      judge(parseJson(name, text));
      return [];
    } catch (caught) {
      if (!(caught instanceof PockerError)) throw caught;
      const { code, message, details } = caught;
      const whole = [{ pointer: '', message, line: 1, column: 1 }];
      return (details.violations ?? whole).map((violation) => ({ ...violation, code }));
    }
  },
  features: ({ host }) => runtimeFeatures(host),
} satisfies { [V in 'get' | 'list' | 'processes' | 'stats' | 'events' | 'plan' | 'validate' | 'features']: VerbBody<V> };

export const verbs: { readonly [V in keyof Verbs]: VerbBody<V> } = { ...lifecycle, ...changes, ...questions };
