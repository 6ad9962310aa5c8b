// linux.resources as files of cgroup v1 (the kernel's Documentation/admin-guide/cgroup-v1).
import { refuse, warn } from '../draft.js';
import type { Resources } from '../spec-types.js';
import { planDeviceRulesV1 } from './device-rules.js';
import { isSet, type CgroupFiles } from './files.js';
import { deviceNumbers, planHugepages, planPids, planRdma, type ResourcePlanner } from './shared.js';

/** The range that v1 accepts without changing the value; v2 has weights, to which any value can be converted. */
const shares = { least: 2, most: 262_144 };

function planCpu(files: CgroupFiles, cpu: Resources['cpu'], pointer: string): void {
  if (cpu === undefined) return;
  if (cpu.cpus) files.put('cpuset', 'cpuset.cpus', cpu.cpus, `${pointer}/cpus`);
  if (cpu.mems) files.put('cpuset', 'cpuset.mems', cpu.mems, `${pointer}/mems`);
  if (isSet(cpu.shares)) {
    if (cpu.shares < shares.least || cpu.shares > shares.most)
      refuse(`${pointer}/shares`, `${cpu.shares} is not between ${shares.least} and ${shares.most}`);
    files.put('cpu', 'cpu.shares', cpu.shares, `${pointer}/shares`);
  }
  if (isSet(cpu.period)) files.put('cpu', 'cpu.cfs_period_us', cpu.period, `${pointer}/period`);
  if (isSet(cpu.quota)) files.put('cpu', 'cpu.cfs_quota_us', cpu.quota, `${pointer}/quota`);
  if (cpu.burst !== undefined) files.put('cpu', 'cpu.cfs_burst_us', cpu.burst, `${pointer}/burst`, { optional: true }); // 5.14
  if (cpu.idle !== undefined) files.put('cpu', 'cpu.idle', cpu.idle, `${pointer}/idle`);
  // Must come before a process of a real-time class enters.
  if (isSet(cpu.realtimePeriod)) files.put('cpu', 'cpu.rt_period_us', cpu.realtimePeriod, `${pointer}/realtimePeriod`);
  if (isSet(cpu.realtimeRuntime)) files.put('cpu', 'cpu.rt_runtime_us', cpu.realtimeRuntime, `${pointer}/realtimeRuntime`);
}

function planMemory(files: CgroupFiles, memory: Resources['memory'], pointer: string): void {
  if (memory === undefined) return;
  const { limit, swap, reservation, swappiness } = memory;
  if (isSet(memory.kernel)) warn(files.draft, `${pointer}/kernel`, 'the kernel no longer limits its own memory; ignored');
  if (memory.useHierarchy === true) files.put('memory', 'memory.use_hierarchy', 1, `${pointer}/useHierarchy`, { optional: true });
  if (isSet(limit)) files.put('memory', 'memory.limit_in_bytes', limit, `${pointer}/limit`);
  // Memory and swap together must never be less than memory alone, so it comes second.
  if (isSet(swap)) files.put('memory', 'memory.memsw.limit_in_bytes', swap, `${pointer}/swap`);
  else if (limit !== undefined && BigInt(limit) === -1n) {
    files.put('memory', 'memory.memsw.limit_in_bytes', -1, `${pointer}/limit`, { optional: true });
  }
  if (isSet(reservation)) files.put('memory', 'memory.soft_limit_in_bytes', reservation, `${pointer}/reservation`);
  if (isSet(memory.kernelTCP)) files.put('memory', 'memory.kmem.tcp.limit_in_bytes', memory.kernelTCP, `${pointer}/kernelTCP`);
  if (memory.disableOOMKiller === true) files.put('memory', 'memory.oom_control', 1, `${pointer}/disableOOMKiller`);
  if (swappiness !== undefined) files.put('memory', 'memory.swappiness', swappiness, `${pointer}/swappiness`);
}

type WeightDevices = NonNullable<NonNullable<Resources['blockIO']>['weightDevice']>;

function planWeightDevices(files: CgroupFiles, devices: WeightDevices, pointer: string): void {
  devices.forEach((device, index) => {
    const { weight, leafWeight } = device;
    const field = `${pointer}/${index}`;
    if (isSet(weight)) {
      const value = `${deviceNumbers(device)} ${weight}`;
      files.put('blkio', 'blkio.weight_device', value, field, { otherwise: { file: 'blkio.bfq.weight_device', value } });
    }
    if (isSet(leafWeight)) files.put('blkio', 'blkio.leaf_weight_device', `${deviceNumbers(device)} ${leafWeight}`, field);
  });
}

const throttles = {
  throttleReadBpsDevice: 'blkio.throttle.read_bps_device',
  throttleWriteBpsDevice: 'blkio.throttle.write_bps_device',
  throttleReadIOPSDevice: 'blkio.throttle.read_iops_device',
  throttleWriteIOPSDevice: 'blkio.throttle.write_iops_device',
} as const;

function planBlockIO(files: CgroupFiles, io: Resources['blockIO'], pointer: string): void {
  if (io === undefined) return;
  if (isSet(io.weight)) {
    // BFQ has the file under its own name.
    const otherwise = { file: 'blkio.bfq.weight', value: String(io.weight) };
    files.put('blkio', 'blkio.weight', io.weight, `${pointer}/weight`, { otherwise });
  }
  if (isSet(io.leafWeight)) files.put('blkio', 'blkio.leaf_weight', io.leafWeight, `${pointer}/leafWeight`);
  planWeightDevices(files, io.weightDevice ?? [], `${pointer}/weightDevice`);
  for (const key of Object.keys(throttles) as (keyof typeof throttles)[]) {
    io[key]?.forEach((device, index) =>
      files.put('blkio', throttles[key], `${deviceNumbers(device)} ${device.rate ?? 0}`, `${pointer}/${key}/${index}`),
    );
  }
}

function planNetwork(files: CgroupFiles, network: Resources['network'], pointer: string): void {
  if (network === undefined) return;
  if (isSet(network.classID)) files.put('net_cls', 'net_cls.classid', network.classID, `${pointer}/classID`);
  network.priorities?.forEach(({ name, priority }, index) => {
    files.put('net_prio', 'net_prio.ifpriomap', `${name} ${priority}`, `${pointer}/priorities/${index}`);
  });
}

function planUnified(_files: CgroupFiles, unified: Resources['unified'], pointer: string): void {
  if (unified === undefined || Object.keys(unified).length === 0) return;
  refuse(pointer, 'requires cgroup v2, which this machine does not have');
}

export const resourcesV1 = {
  devices: planDeviceRulesV1,
  memory: planMemory,
  cpu: planCpu,
  pids: planPids,
  blockIO: planBlockIO,
  hugepageLimits: (files, limits, pointer) => planHugepages(files, limits, pointer, 'limit_in_bytes'),
  network: planNetwork,
  rdma: planRdma,
  unified: planUnified,
} satisfies { [K in keyof Resources]-?: ResourcePlanner<Resources[K]> };
