// features.md, made from the same tables that the planner reads, so that it cannot promise what does not work.
import { commit, version } from '../generated/version.js';
import type { Host } from '../host/host.js';
import { findHelper } from '../cgroup/systemd.js';
import { rdtFields } from '../plan/planners/intel-rdt.js';
import { linuxPlanners } from '../plan/planners/linux.js';
import { unsafeAnnotations } from '../plan/tables/annotations.js';
import { capabilityNames } from '../plan/tables/capabilities.js';
import { mountOptions } from '../plan/tables/mounts.js';
import { namespaceTypes } from '../plan/tables/namespaces.js';
import { memoryPolicyFlags, memoryPolicyModes } from '../plan/tables/process.js';
import { seccompActions, seccompArchitectures, seccompFlags, seccompOperators } from '../plan/tables/seccomp.js';
import { specVersion } from '../spec/version.js';

const sorted = (table: object): string[] => Object.keys(table).sort();

function linuxFeatures(host: Host): object {
  const helper = findHelper(host) !== undefined;
  return {
    namespaces: sorted(namespaceTypes),
    capabilities: capabilityNames,
    cgroup: { v1: true, v2: true, systemd: helper, systemdUser: helper, rdma: true },
    seccomp: {
      enabled: true,
      actions: sorted(seccompActions),
      operators: sorted(seccompOperators),
      archs: sorted(seccompArchitectures).filter((name) => host.seccompHasArchitecture(seccompArchitectures[name]!)),
      knownFlags: sorted(seccompFlags),
      supportedFlags: sorted(seccompFlags).filter((name) => host.seccompHasFlag(seccompFlags[name]!)),
    },
    apparmor: { enabled: true },
    selinux: { enabled: true },
    intelRdt: {
      enabled: 'intelRdt' in linuxPlanners,
      schemata: 'schemata' in rdtFields,
      monitoring: 'enableMonitoring' in rdtFields,
    },
    memoryPolicy: { modes: sorted(memoryPolicyModes), flags: sorted(memoryPolicyFlags) },
    mountExtensions: { idmap: { enabled: mountOptions.has('idmap') } },
    netDevices: { enabled: 'netDevices' in linuxPlanners },
  };
}

export function runtimeFeatures(host: Host): object {
  return {
    ociVersionMin: '1.0.0',
    ociVersionMax: specVersion,
    hooks: ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'],
    mountOptions: [...mountOptions.keys()].sort(),
    linux: linuxFeatures(host),
    potentiallyUnsafeConfigAnnotations: Object.values(unsafeAnnotations),
    annotations: {
      'io.github.seccomp.libseccomp.version': host.seccompVersion(),
      'org.opencontainers.runc.checkpoint.enabled': 'true',
      'org.pocker-runc.commit': commit,
      'org.pocker-runc.version': version,
    },
  };
}
