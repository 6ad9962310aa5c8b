// What a container gets from the host: docker's HostConfig, from the flags.
import { capabilityNumbers } from '../../../plan/tables/capabilities.js';
import { engineError, usageError } from '../../errors.js';
import { isAddress } from '../../networks/addresses.js';
import type { HostConfig, RestartPolicy } from '../../records/container.js';
import { limitsOf } from './limits.js';
import { namespaceModes } from './namespaces.js';
import { given, givenList, integerOf, sizeOf, type EngineValues } from '../../flags/values.js';
import { namedPairs, pairs } from '../../flags/pairs.js';

const usualShm = 64 * 2 ** 20;

export function restartPolicy(said: string): RestartPolicy {
  const [, name, count] = /^(no|always|on-failure|unless-stopped)(?::(\d+))?$/.exec(said) ?? [];
  if (name === undefined)
    throw engineError(`invalid restart policy '${said}'`, 'Choose no, on-failure[:N], always or unless-stopped');
  if (count !== undefined && name !== 'on-failure')
    throw engineError(`maximum retry count cannot be used with restart policy '${name}'`, 'Only on-failure takes a count');
  return { Name: name as RestartPolicy['Name'], MaximumRetryCount: Number(count ?? 0) };
}

/** "NET_ADMIN", "cap_net_admin" → "CAP_NET_ADMIN"; "ALL" stays. */
function capability(said: string): string {
  const upper = said.toUpperCase();
  if (upper === 'ALL') return upper;
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (!capabilityNumbers.has(name)) throw engineError(`invalid capability: ${said}`, 'See capabilities(7)');
  return name;
}

function device(word: string): HostConfig['Devices'][number] {
  const [PathOnHost = '', ...rest] = word.split(':');
  const isMode = (text: string): boolean => /^[rwm]+$/.test(text);
  const [second, third] = rest;
  if (rest.length > 2 || (third !== undefined && !isMode(third)))
    throw engineError(`invalid device specification: ${word}`, 'Use PATH[:PATH[:rwm]]');
  const mode = third ?? (second !== undefined && isMode(second) ? second : 'rwm');
  const inside = second === undefined || isMode(second) ? PathOnHost : second;
  return { PathOnHost, PathInContainer: inside, CgroupPermissions: mode };
}

/** "c 42:* rwm", docker's form. */
function deviceRule(word: string): string {
  if (/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(word)) return word;
  throw usageError(
    `invalid argument ${JSON.stringify(word)} for "--device-cgroup-rule" flag: invalid device cgroup format '${word}'`,
    'run',
  );
}

function oomScoreAdj(values: EngineValues): number {
  const score = integerOf(values, 'oom-score-adj');
  if (score >= -1000 && score <= 1000) return score;
  throw engineError(
    `Invalid value ${score}, range for oom score adj is [-1000, 1000]`,
    'Pass --oom-score-adj a number in that range',
  );
}

function ulimit(word: string): HostConfig['Ulimits'][number] {
  const [, Name, soft, hard] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(word) ?? [];
  if (Name === undefined) throw usageError(`invalid ulimit argument: ${word}`, 'run');
  const [Soft, Hard] = [Number(soft), Number(hard ?? soft)];
  if (Hard !== -1 && (Soft > Hard || Soft === -1))
    throw usageError(`ulimit soft limit must be less than or equal to hard limit: ${word}`, 'run');
  return { Name, Soft, Hard };
}

const logDrivers = ['k8s-file', 'json-file', 'local', 'none'] as const;

function logConfig(values: EngineValues): HostConfig['LogConfig'] {
  const driver = given(values, 'log-driver') ?? 'k8s-file';
  const Type = logDrivers.find((one) => one === driver);
  if (Type === undefined) throw engineError(`logger: no log driver named '${driver}' is registered`, 'Choose k8s-file or none');
  const Config = pairs(givenList(values, 'log-opt'));
  const { 'max-size': size, 'max-file': files, ...others } = Config;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw engineError(`unknown log opt '${unknown}' for ${driver} log driver`, 'Use max-size or max-file');
  if (size !== undefined && !/^\d+[kmg]?b?$/i.test(size))
    throw engineError(`invalid size: '${size}'`, 'For example: --log-opt max-size=10m');
  if (files !== undefined && !/^[1-9]\d{0,3}$/.test(files)) throw engineError('max-file cannot be less than 1', 'Use a number');
  return { Type, Config };
}

/** docker's texts. */
function server(word: string): string {
  if (isAddress(word)) return word;
  throw usageError(`invalid argument ${JSON.stringify(word)} for "--dns" flag: ${word} is not an ip address`, 'run');
}

/** Written to resolv.conf unchanged. "." stands for none. */
function searchDomain(word: string): string {
  if (/^\.$|^(?=.*[a-zA-Z])[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*\.?$/.test(word))
    return word;
  throw usageError(`invalid argument ${JSON.stringify(word)} for "--dns-search" flag: ${word} is not a valid domain`, 'run');
}

function extraHost(word: string): string {
  const [, address] = /^[^:]+:(.+)$/.exec(word) ?? [];
  const invalid = (why: string): Error =>
    usageError(`invalid argument ${JSON.stringify(word)} for "--add-host" flag: ${why}`, 'run');
  if (address === undefined) throw invalid(`bad format for add-host: ${JSON.stringify(word)}`);
  if (address !== 'host-gateway' && !isAddress(address))
    throw invalid(`invalid IP address in add-host: ${JSON.stringify(address)}`);
  return word;
}

function shmSize(values: EngineValues): number {
  const size = sizeOf(values, 'shm-size') || usualShm;
  if (size < 0) throw engineError('SHM size can not be less than 0', 'Use a larger --shm-size');
  return size;
}

function sysctls(values: EngineValues): Record<string, string> {
  return pairs(
    givenList(values, 'sysctl').map((word) => {
      if (!word.includes('=')) throw usageError(`invalid sysctl ${word}: give NAME=VALUE`, 'run');
      return word;
    }),
  );
}

/** Everything except networks and published ports. */
export function hostConfig(values: EngineValues): Omit<HostConfig, 'NetworkMode' | 'PortBindings'> {
  const policy = restartPolicy(given(values, 'restart') ?? 'no');
  if (values['rm'] === true && policy.Name !== 'no')
    throw engineError('Conflicting options: --restart and --rm', 'Choose one of them');
  const isolation = given(values, 'isolation') ?? '';
  if (isolation !== '' && isolation !== 'default')
    throw engineError(`Invalid isolation: ${JSON.stringify(isolation)} - linux only supports 'default'`, 'Omit it');
  return {
    AutoRemove: values['rm'] === true,
    Privileged: values['privileged'] === true,
    ReadonlyRootfs: values['read-only'] === true,
    Init: values['init'] === true,
    RestartPolicy: policy,
    PublishAllPorts: values['publish-all'] === true,
    Dns: givenList(values, 'dns').map(server),
    DnsSearch: givenList(values, 'dns-search').map(searchDomain),
    DnsOptions: givenList(values, 'dns-option'),
    ExtraHosts: givenList(values, 'add-host').map(extraHost),
    CapAdd: givenList(values, 'cap-add').map(capability),
    CapDrop: givenList(values, 'cap-drop').map(capability),
    SecurityOpt: givenList(values, 'security-opt'),
    GroupAdd: givenList(values, 'group-add'),
    Devices: givenList(values, 'device').map(device),
    Ulimits: givenList(values, 'ulimit').map(ulimit),
    Sysctls: sysctls(values),
    ShmSize: shmSize(values),
    OomKillDisable: values['oom-kill-disable'] === true,
    OomScoreAdj: oomScoreAdj(values),
    CgroupParent: given(values, 'cgroup-parent') ?? '',
    DeviceCgroupRules: givenList(values, 'device-cgroup-rule').map(deviceRule),
    Annotations: namedPairs(givenList(values, 'annotation'), 'annotation'),
    VolumesFrom: givenList(values, 'volumes-from'),
    ...namespaceModes(values),
    LogConfig: logConfig(values),
    ...limitsOf(values),
  };
}
