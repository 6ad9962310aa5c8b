// Machines, options and configs that the planners' tests share.
import type { CgroupFacts, HostFacts } from '../host/host-facts.js';
import { GivenValue } from '../json/json.js';
import { assertRules } from '../spec/judge.js';
import { rules } from '../spec/rules.js';
import type { Plan, PlanOptions } from './plan.js';
import { resolve } from './resolve.js';
import type { Linux, Process, Spec } from './spec-types.js';
import { operationName, type StepOperation } from './step.js';

const hierarchies: CgroupFacts['hierarchies'] = [
  { controllers: ['cpu', 'cpuacct'], mount: '/sys/fs/cgroup/cpu,cpuacct', own: '/user' },
  { controllers: ['memory'], mount: '/sys/fs/cgroup/memory', own: '/user' },
  { controllers: ['cpuset'], mount: '/sys/fs/cgroup/cpuset', own: '/' },
  { controllers: ['devices'], mount: '/sys/fs/cgroup/devices', own: '/' },
  { controllers: ['pids'], mount: '/sys/fs/cgroup/pids', own: '/' },
  { controllers: ['blkio'], mount: '/sys/fs/cgroup/blkio', own: '/' },
  { controllers: ['hugetlb'], mount: '/sys/fs/cgroup/hugetlb', own: '/' },
  { controllers: ['net_cls', 'net_prio'], mount: '/sys/fs/cgroup/net_cls,net_prio', own: '/' },
  { controllers: ['rdma'], mount: '/sys/fs/cgroup/rdma', own: '/' },
  { controllers: ['name=systemd'], mount: '/sys/fs/cgroup/systemd', own: '/user' },
];

export const machines = {
  v1: { layout: 'v1', hierarchies, unified: null },
  hybrid: { layout: 'hybrid', hierarchies, unified: { mount: '/sys/fs/cgroup/unified', own: '/user' } },
  v2: { layout: 'v2', hierarchies: [], unified: { mount: '/sys/fs/cgroup', own: '/user.slice/session.scope' } },
  none: { layout: 'none', hierarchies: [], unified: null },
} satisfies Record<CgroupFacts['layout'], CgroupFacts>;

export function factsOf(layout: CgroupFacts['layout'], more: Partial<HostFacts> = {}): HostFacts {
  return {
    euid: 0,
    egid: 0,
    cgroup: machines[layout],
    systemd: { running: true, cgroup: '', userCgroup: '/user.slice/user-1000.slice/user@1000.service', ofUser: false },
    inUserNamespace: false,
    selinux: false,
    apparmor: '/proc/self/attr',
    mayWrite: () => true,
    kcore: true,
    resctrl: '/sys/fs/resctrl',
    isOwnNamespace: (path) => path === '/proc/1/ns/net',
    ...more,
  };
}

export const options: PlanOptions = {
  id: 'c1',
  bundle: '/bundle',
  cgroupManager: 'cgroupfs',
  rootless: false,
  noPivot: false,
  noNewKeyring: false,
  preserveFds: 0,
  listenFds: 0,
  consoleSocket: false,
};

const allNew: NonNullable<Linux['namespaces']> = [
  { type: 'pid' },
  { type: 'network' },
  { type: 'ipc' },
  { type: 'uts' },
  { type: 'mount' },
];

export interface SpecParts {
  readonly process?: Partial<Process>;
  readonly linux?: Partial<Linux>;
  readonly root?: Partial<Spec>;
}

/** The smallest config that runs, with parts replaced. */
export function specOf({ process = {}, linux = {}, root = {} }: SpecParts = {}): Spec {
  return {
    ociVersion: '1.3.0',
    root: { path: 'rootfs' },
    process: { cwd: '/', args: ['sh'], env: ['PATH=/bin'], ...process },
    linux: { namespaces: allNew, ...linux },
    ...root,
  };
}

/** Applies the rules first, as for every config. */
export function planOf(parts: SpecParts = {}, facts: HostFacts = factsOf('hybrid'), more: Partial<PlanOptions> = {}): Plan {
  const spec = specOf(parts);
  assertRules(new GivenValue('config', spec, ''), spec, rules);
  return resolve(spec, facts, { ...options, ...more });
}

/** Names of the operations, in order. */
export function names(plan: Plan): string[] {
  return plan.steps.map(operationName);
}

/** All operations of one class, in order. */
export function all<T extends StepOperation>(plan: Plan, type: new () => T): T[] {
  return plan.steps.map(({ operation }) => operation).filter((operation): operation is T => operation instanceof type);
}

/** The only operation of a class. */
export function only<T extends StepOperation>(plan: Plan, type: new () => T): T {
  const found = all(plan, type);
  if (found.length !== 1) throw new Error(`${found.length} operations of ${type.name} in the plan`);
  return found[0]!;
}

/** Code and pointer of the error that the function throws; "none" if it does not throw. */
export function errorPointer(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (caught) {
    const { code, details } = caught as { code?: string; details?: { pointer?: string } };
    return `${code ?? String(caught)} ${details?.pointer ?? ''}`;
  }
}
