// A container's config.json: everything in its record, in the runtime's words.
import type { Linux, Mount, Process, Spec } from '../../../plan/spec-types.js';
import type { Engine } from '../../engine.js';
import { engineError } from '../../errors.js';
import { findTool } from '../../programs.js';
import type { ContainerRecord, HostConfig } from '../../records/container.js';
import { isRunning, requireContainer } from '../../records/container-store.js';
import { capabilitiesOf, capabilitySets } from './capabilities.js';
import { allMounts, maskedPaths, readonlyPaths, type OwnFiles } from './mounts.js';
import { devices, limitResources } from './resources.js';
import { decided } from './seccomp-profile.js';
import { defaultProfile } from './seccomp-default.js';
import { isSpecial, profileOf } from '../options/seccomp-profile.js';
import { resolveUser } from './user.js';

export interface Prepared {
  readonly record: ContainerRecord;
  readonly rootfs: string;
  /** Path of the network namespace; '': a private one without a name; null: the host's. */
  readonly network: string | null;
  readonly files: OwnFiles;
  readonly mounts: readonly Mount[];
}

const CGROUP2_MAGIC = 0x6367_7270;
const initInside = '/sbin/docker-init';

interface Security {
  readonly noNewPrivileges: boolean;
  readonly seccomp: Linux['seccomp'];
  readonly apparmor: string;
}

function seccompOf(engine: Engine, said: string, capabilities: readonly string[]): Linux['seccomp'] {
  if (!isSpecial(said)) return decided(engine.host, profileOf(engine, said), capabilities);
  return said === 'builtin' ? defaultProfile(engine.host, capabilities) : undefined;
}

function securityOf(engine: Engine, { SecurityOpt, Privileged }: HostConfig, capabilities: readonly string[]): Security {
  let seccomp = Privileged ? undefined : defaultProfile(engine.host, capabilities);
  let noNewPrivileges = false;
  let apparmor = '';
  for (const option of SecurityOpt) {
    const [, name = '', value = ''] = /^([a-z-]+)(?:[=:](.*))?$/s.exec(option) ?? [];
    if (name === 'no-new-privileges') noNewPrivileges = value !== 'false';
    else if (name === 'seccomp') seccomp = seccompOf(engine, value, capabilities);
    else if (name === 'apparmor') apparmor = value === 'unconfined' ? '' : value;
    else if (name !== 'label' && name !== 'systempaths')
      throw engineError(`invalid --security-opt: ${JSON.stringify(option)}`, "See 'pocker run --help'");
  }
  return { noNewPrivileges, seccomp, apparmor };
}

/** docker's limit names as setrlimit(2) knows them. */
function rlimits({ Ulimits }: HostConfig): NonNullable<Process['rlimits']> {
  const number = (value: number): number | bigint => (value < 0 ? 0xffff_ffff_ffff_ffffn : value);
  return Ulimits.map(({ Name, Soft, Hard }) => ({
    type: `RLIMIT_${Name.toUpperCase()}`,
    soft: number(Soft) as number,
    hard: number(Hard) as number,
  }));
}

/** What docker adds unless it is set: HOSTNAME, TERM with a terminal, HOME. */
export function withUsual(env: readonly string[], { config }: ContainerRecord, terminal: boolean, home: string): string[] {
  const names = new Set(env.map((word) => word.split('=')[0]));
  const usual = [`HOSTNAME=${config.Hostname}`, ...(terminal ? ['TERM=xterm'] : []), `HOME=${home}`];
  return [...env, ...usual.filter((word) => !names.has(word.split('=')[0]))];
}

function processOf(engine: Engine, { record, rootfs }: Prepared, security: Security): Process {
  const { config, hostConfig } = record;
  const user = resolveUser(engine, rootfs, config.User, hostConfig.GroupAdd);
  const program = [record.path, ...record.args];
  return {
    terminal: config.Tty,
    user: { uid: user.uid, gid: user.gid, additionalGids: [...user.additionalGids] },
    args: hostConfig.Init ? [initInside, '--', ...program] : program,
    env: withUsual(config.Env, record, config.Tty, user.home),
    cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
    capabilities: capabilitySets(capabilitiesOf(hostConfig), user.uid),
    ...(hostConfig.Ulimits.length > 0 ? { rlimits: rlimits(hostConfig) } : {}),
    ...(security.noNewPrivileges ? { noNewPrivileges: true } : {}),
    ...(security.apparmor === '' ? {} : { apparmorProfile: security.apparmor }),
    oomScoreAdj: hostConfig.OomScoreAdj,
  };
}

type Namespace = NonNullable<Linux['namespaces']>[number];

/** The pid namespace: the host's, that of another running container, or its own. */
function pidNamespace(engine: Engine, { PidMode }: HostConfig): Namespace[] {
  if (PidMode === 'host') return [];
  if (!PidMode.startsWith('container:')) return [{ type: 'pid' }];
  const { record, state } = requireContainer(engine, PidMode.slice('container:'.length));
  if (!isRunning(engine, { record, state }))
    throw engineError(`cannot join PID of a non running container: ${record.id}`, `Start it: pocker start ${record.name}`);
  return [{ type: 'pid', path: `/proc/${state.pid}/ns/pid` }];
}

function namespaces(engine: Engine, { network, record: { hostConfig } }: Prepared): Namespace[] {
  const unified = engine.host.statfsType('/sys/fs/cgroup') === CGROUP2_MAGIC;
  const { CgroupnsMode, UTSMode, IpcMode, Privileged } = hostConfig;
  const ownCgroup = CgroupnsMode === '' ? unified && !Privileged : CgroupnsMode === 'private';
  return [
    { type: 'mount' },
    ...pidNamespace(engine, hostConfig),
    ...(UTSMode === 'host' ? [] : [{ type: 'uts' as const }]),
    ...(IpcMode === 'host' ? [] : [{ type: 'ipc' as const }]),
    ...(ownCgroup ? [{ type: 'cgroup' as const }] : []),
    ...(network === null ? [] : network === '' ? [{ type: 'network' as const }] : [{ type: 'network' as const, path: network }]),
  ];
}

function sysctls({ rootless }: Engine, { network, record }: Prepared): Record<string, string> {
  const own = network === null || record.hostConfig.NetworkMode.startsWith('container:');
  // Only groups that the user namespace has.
  const pingers = rootless ? '0 0' : '0 2147483647';
  const usual = { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': pingers };
  return { ...(own ? {} : usual), ...record.hostConfig.Sysctls };
}

function resources(engine: Engine, { hostConfig }: ContainerRecord): Pick<Linux, 'resources' | 'devices'> {
  const { devices: made, rules } = devices(engine, hostConfig);
  const limits = limitResources(engine, hostConfig);
  const memory = hostConfig.OomKillDisable ? { memory: { ...limits.memory, disableOOMKiller: true } } : {};
  return { resources: { ...limits, ...memory, devices: rules }, ...(made.length > 0 ? { devices: made } : {}) };
}

function initMount(engine: Engine): Mount {
  return {
    destination: initInside,
    type: 'bind',
    source: findTool(engine, 'catatonit'),
    options: ['rbind', 'ro', 'rprivate'],
  };
}

/** Where its cgroups are: below the root of each hierarchy or, with systemd and cgroup v2, in a scope of its own. */
function cgroupsPath(engine: Engine, { id, hostConfig: { CgroupParent } }: ContainerRecord): string {
  if (!usesSystemd(engine)) return CgroupParent === '' ? `/pocker-${id}` : `${CgroupParent.replace(/\/+$/, '')}/pocker-${id}`;
  if (CgroupParent !== '' && !CgroupParent.endsWith('.slice'))
    throw engineError(
      `cgroup-parent for systemd cgroup should be a valid slice named as "xxx.slice"`,
      'Pass a slice to --cgroup-parent',
    );
  return `${CgroupParent === '' ? (engine.rootless ? 'user.slice' : 'system.slice') : CgroupParent}:pocker:${id}`;
}

/** On v2, systemd owns the tree; an ordinary user's part belongs to the user's own manager, if there is one. */
export function usesSystemd({ host, rootless }: Engine): boolean {
  if (host.statfsType('/sys/fs/cgroup') !== CGROUP2_MAGIC || host.lstat('/run/systemd/system') === null) return false;
  return !rootless || host.lstat(`${host.env('XDG_RUNTIME_DIR') ?? ''}/systemd/private`) !== null;
}

/** These are the machine's, and stay as they are. */
function hostNames({ config, hostConfig }: ContainerRecord): Pick<Spec, 'hostname' | 'domainname'> {
  if (hostConfig.UTSMode === 'host') return {};
  return { hostname: config.Hostname, ...(config.Domainname === '' ? {} : { domainname: config.Domainname }) };
}

export function containerSpec(engine: Engine, prepared: Prepared): Spec {
  const { record, rootfs, files, mounts } = prepared;
  const { hostConfig } = record;
  const security = securityOf(engine, hostConfig, capabilitiesOf(hostConfig));
  const asked = hostConfig.Init ? [...mounts, initMount(engine)] : mounts;
  const open = hostConfig.Privileged || hostConfig.SecurityOpt.includes('systempaths=unconfined');
  return {
    ociVersion: '1.2.0',
    process: processOf(engine, prepared, security),
    root: { path: rootfs, ...(hostConfig.ReadonlyRootfs ? { readonly: true } : {}) },
    ...hostNames(record),
    ...(Object.keys(hostConfig.Annotations).length === 0 ? {} : { annotations: { ...hostConfig.Annotations } }),
    mounts: allMounts(record, files, asked),
    linux: {
      cgroupsPath: cgroupsPath(engine, record),
      namespaces: namespaces(engine, prepared),
      sysctl: sysctls(engine, prepared),
      ...resources(engine, record),
      ...(security.seccomp === undefined ? {} : { seccomp: security.seccomp }),
      ...(open ? {} : { maskedPaths, readonlyPaths: readonlyPaths }),
    },
  };
}
