// linux.resources as files of cgroup v2 (the kernel's Documentation/admin-guide/cgroup-v2.rst).
import { refuse, warn } from '../draft.js';
import { pointerKey } from '../paths.js';
import type { Integer, Resources } from '../spec-types.js';
import { planDeviceRulesV2 } from './device-rules.js';
import { isSet, type CgroupFiles } from './files.js';
import { deviceNumbers, planHugepages, planPids, planRdma, type ResourcePlanner } from './shared.js';

/** cpu.shares (2 to 262144, default 1024) as cpu.weight (1 to 10000, default 100): the curve through all three points. */
export function weightOfShares(shares: Integer): number {
  const value = Number(shares);
  if (value <= 2) return 1;
  if (value >= 262_144) return 10_000;
  const log = Math.log2(value);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** blkio.weight (10 to 1000) as io.weight (1 to 10000). */
export function ioWeight(weight: number): number {
  return 1 + Math.trunc(((weight - 10) * 9999) / 990);
}

function planCpu(files: CgroupFiles, cpu: Resources['cpu'], pointer: string): void {
  if (cpu === undefined) return;
  if (isSet(cpu.shares)) files.put('cpu', 'cpu.weight', weightOfShares(cpu.shares), `${pointer}/shares`);
  // After the weight, which the kernel refuses for an idle cgroup.
  if (cpu.idle !== undefined) files.put('cpu', 'cpu.idle', cpu.idle, `${pointer}/idle`);
  if (isSet(cpu.quota) || isSet(cpu.period)) {
    const quota = isSet(cpu.quota) && cpu.quota > 0 ? String(cpu.quota) : 'max';
    const period = isSet(cpu.period) ? String(cpu.period) : '100000';
    files.put('cpu', 'cpu.max', `${quota} ${period}`, `${pointer}/${isSet(cpu.quota) ? 'quota' : 'period'}`);
  }
  // After the quota, which it may not exceed.
  if (cpu.burst !== undefined) files.put('cpu', 'cpu.max.burst', cpu.burst, `${pointer}/burst`);
  for (const key of ['realtimePeriod', 'realtimeRuntime'] as const) {
    if (isSet(cpu[key])) refuse(`${pointer}/${key}`, 'cgroup v2 has no real-time limits');
  }
  if (cpu.cpus) files.put('cpuset', 'cpuset.cpus', cpu.cpus, `${pointer}/cpus`);
  if (cpu.mems) files.put('cpuset', 'cpuset.mems', cpu.mems, `${pointer}/mems`);
}

const byteCount = (value: Integer): string => (BigInt(value) === -1n ? 'max' : String(value));

/**
 * The config counts memory and swap together, v2 counts only swap. undefined: leave it. For an update, the limit may be that of
 * the record, so no rule has seen the two together.
 */
export function swapAlone(limit: bigint, swap: bigint, pointer: string): string | undefined {
  if (swap === 0n) return limit === -1n ? 'max' : undefined;
  if (swap === -1n || limit === -1n) return byteCount(swap);
  if (limit === 0n) refuse(`${pointer}/swap`, 'requires a memory limit: swap counts memory and swap together');
  if (swap < limit) refuse(`${pointer}/swap`, `${swap} is below the memory limit ${limit}: swap counts memory and swap together`);
  return String(swap - limit);
}

const v1Only = ['kernel', 'kernelTCP', 'swappiness'] as const;

function planMemory(files: CgroupFiles, memory: Resources['memory'], pointer: string): void {
  if (memory === undefined) return;
  const { limit = 0, swap = 0, reservation } = memory;
  for (const key of v1Only) {
    if (isSet(memory[key])) warn(files.draft, `${pointer}/${key}`, 'cgroup v2 has no such limit; ignored');
  }
  if (memory.disableOOMKiller === true)
    warn(files.draft, `${pointer}/disableOOMKiller`, 'cgroup v2 cannot do without the OOM killer; ignored');
  const alone = swapAlone(BigInt(limit), BigInt(swap), pointer);
  if (alone !== undefined) {
    // Without swap in the kernel, no swap and any amount are the same.
    const field = `${pointer}/${isSet(swap) ? 'swap' : 'limit'}`;
    files.put('memory', 'memory.swap.max', alone, field, { optional: alone === 'max' || alone === '0' });
  }
  if (isSet(limit)) files.put('memory', 'memory.max', byteCount(limit), `${pointer}/limit`);
  if (isSet(reservation)) files.put('memory', 'memory.low', byteCount(reservation), `${pointer}/reservation`);
}

const throttles = {
  throttleReadBpsDevice: 'rbps',
  throttleWriteBpsDevice: 'wbps',
  throttleReadIOPSDevice: 'riops',
  throttleWriteIOPSDevice: 'wiops',
} as const;

/** BFQ takes the weight as it is; the kernel's own controller uses another scale. */
function putWeight(files: CgroupFiles, prefix: string, weight: number, pointer: string): void {
  const otherwise = { file: 'io.weight', value: `${prefix}${ioWeight(weight)}` };
  files.put('io', 'io.bfq.weight', `${prefix}${weight}`, pointer, { otherwise });
}

function planBlockIO(files: CgroupFiles, io: Resources['blockIO'], pointer: string): void {
  if (io === undefined) return;
  const noLeaves = 'cgroup v2 has no leaf weights; ignored';
  if (isSet(io.leafWeight)) warn(files.draft, `${pointer}/leafWeight`, noLeaves);
  if (isSet(io.weight)) putWeight(files, '', io.weight, `${pointer}/weight`);
  io.weightDevice?.forEach((device, index) => {
    const field = `${pointer}/weightDevice/${index}`;
    if (isSet(device.leafWeight)) warn(files.draft, `${field}/leafWeight`, noLeaves);
    if (isSet(device.weight)) putWeight(files, `${deviceNumbers(device)} `, device.weight, field);
  });
  for (const key of Object.keys(throttles) as (keyof typeof throttles)[]) {
    io[key]?.forEach((device, index) => {
      // 0 removes a limit in v1.
      const rate = isSet(device.rate) ? device.rate : 'max';
      files.put('io', 'io.max', `${deviceNumbers(device)} ${throttles[key]}=${rate}`, `${pointer}/${key}/${index}`);
    });
  }
}

function planNetwork(_files: CgroupFiles, network: Resources['network'], pointer: string): void {
  if (isSet(network?.classID)) refuse(`${pointer}/classID`, 'cgroup v2 has no network classes');
  if ((network?.priorities?.length ?? 0) > 0) refuse(`${pointer}/priorities`, 'cgroup v2 has no network priorities');
}

function planUnified(files: CgroupFiles, unified: Resources['unified'], pointer: string): void {
  if (unified === undefined) return;
  for (const [file, value] of Object.entries(unified)) {
    const field = `${pointer}/${pointerKey(file)}`;
    const controller = file.slice(0, file.indexOf('.'));
    // The kernel takes one entry per write.
    for (const line of value.split('\n')) {
      if (line !== '') files.put(controller, file, line, field);
    }
  }
}

export const resourcesV2 = {
  pids: planPids,
  memory: planMemory,
  blockIO: planBlockIO,
  cpu: planCpu,
  devices: planDeviceRulesV2,
  hugepageLimits: (files, limits, pointer) => planHugepages(files, limits, pointer, 'max'),
  rdma: planRdma,
  network: planNetwork,
  unified: planUnified,
} satisfies { [K in keyof Resources]-?: ResourcePlanner<Resources[K]> };
