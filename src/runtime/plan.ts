// From a bundle to its plan, which create carries out and `plan` shows.
import { loadBundle } from '../bundle/load.js';
import { fromHost, PockerError } from '../errors.js';
import { gatherFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import { span } from '../trace-events.js';
import { withNotifySocket } from '../plan/notify.js';
import type { Plan } from '../plan/plan.js';
import { resolve } from '../plan/resolve.js';
import type { Spec } from '../plan/spec-types.js';
import { sayAll, type Notices } from '../container/notices.js';
import { hasConsole } from '../init/handover.js';

export interface PlanRequest extends Notices {
  readonly id: string;
  readonly bundle: string;
  readonly configFile?: string;
  /** Used instead of any file. */
  readonly configText?: string;
  /** Bound into the container for sd_notify(3). */
  readonly notifyDirectory?: string;
  /** Where the terminal goes. */
  readonly consoleSocket?: string;
  readonly consoleFd?: number;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  /** How many descriptors after 2 the program keeps. */
  readonly preserveFds: number;
  /** How many of them are sockets from systemd. */
  readonly listenFds: number;
  readonly cgroupManager: 'cgroupfs' | 'systemd' | 'disabled';
  readonly rootless: boolean;
}

export interface PlannedBundle {
  readonly plan: Plan;
  readonly config: Spec;
  readonly configText: string;
}

/** Errors: those of loadBundle and resolve; E_ROOTFS if the root filesystem is not a directory. Changes nothing. */
export function planBundle(host: Host, request: PlanRequest): PlannedBundle {
  const { warn, notApplied, configFile: file, configText: text, notifyDirectory, ...options } = request;
  const bundle = span(host, 'read and validate the config', '', () => loadBundle(host, request.bundle, { file, text }));
  const config = notifyDirectory === undefined ? bundle.config : withNotifySocket(bundle.config, notifyDirectory);
  const planOptions = { ...options, bundle: bundle.path, consoleSocket: hasConsole(request) };
  const plan = span(host, 'resolve', '', () => resolve(config, gatherFacts(host), planOptions));
  sayAll([...bundle.warnings, ...plan.warnings], { warn, notApplied });
  checkRootfs(host, plan);
  return { plan, config: bundle.config, configText: bundle.configText };
}

function checkRootfs(host: Host, plan: Plan): void {
  let type: string | undefined;
  try {
    type = host.lstat(host.realPath(plan.rootfs))?.type;
  } catch (caught) {
    const details = { pointer: '/root/path', path: plan.rootfs, hint: 'Check root.path: it is relative to the bundle' };
    throw fromHost('E_ROOTFS', 'invalid rootfs', caught, details);
  }
  if (type === 'directory') return;
  throw new PockerError('E_ROOTFS', `invalid rootfs: ${plan.rootfs}: not a directory`, {
    pointer: '/root/path',
    path: plan.rootfs,
  });
}
