// How each limit shows in the kernel's files: the table of resources.test.ts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { KnownDifferences } from '../../harness/case.js';
import { memory } from './memory-rows.js';
import { MiB, type Row, v2 } from './resource-row.js';

const oldRunc = (what: string): KnownDifferences => ({ 'runc 1.1': `does not know ${what}` });
/** A disk of this machine. */
const disk = ['vda', 'sda', 'nvme0n1', 'loop0'].find((name) => existsSync(`/sys/block/${name}/dev`));
const numbers = disk === undefined ? '0:0' : readFileSync(`/sys/block/${disk}/dev`, 'utf8').trim();
const [major, minor] = numbers.split(':').map(Number) as [number, number];
const noDisk = disk === undefined ? 'no disk to limit' : false;

const hca = existsSync('/sys/class/infiniband') ? readdirSync('/sys/class/infiniband')[0] : undefined;

const cpu: Record<string, Row> = {
  'cpu shares': {
    resources: { cpu: { shares: 1024 } },
    controller: 'cpu',
    v1: [['cpu.shares', '1024']],
    v2: [['cpu.weight', '100']],
    knownDifferences: v2 ? { 'runc 1.1': 'uses the linear formula', crun: 'before 1.24 it uses the linear formula' } : {},
  },
  'cpu quota': {
    resources: { cpu: { quota: 50_000, period: 200_000 } },
    controller: 'cpu',
    v1: [
      ['cpu.cfs_quota_us', '50000'],
      ['cpu.cfs_period_us', '200000'],
    ],
    v2: [['cpu.max', '50000 200000']],
  },
  'cpu quota of the usual period': {
    resources: { cpu: { quota: 50_000 } },
    controller: 'cpu',
    v1: [['cpu.cfs_quota_us', '50000']],
    v2: [['cpu.max', '50000 100000']],
  },
  'cpu period': {
    resources: { cpu: { period: 200_000 } },
    controller: 'cpu',
    v1: [['cpu.cfs_period_us', '200000']],
    v2: [['cpu.max', 'max 200000']],
  },
  'no cpu quota': {
    resources: { cpu: { quota: -1 } },
    controller: 'cpu',
    v1: [['cpu.cfs_quota_us', '-1']],
    v2: [['cpu.max', 'max 100000']],
    knownDifferences: v2 ? {} : { 'crun 1.8': 'writes -1 as a positive number' },
  },
  'cpu burst': {
    resources: { cpu: { quota: 50_000, burst: 20_000 } },
    controller: 'cpu',
    needs: 'cpu.cfs_burst_us',
    v1: [['cpu.cfs_burst_us', '20000']],
    v2: [['cpu.max.burst', '20000']],
    knownDifferences: { ...oldRunc('burst'), 'crun 1.8': 'does not know burst' },
  },
  'cpu idle': {
    resources: { cpu: { idle: 1 } },
    controller: 'cpu',
    needs: 'cpu.idle',
    v1: [['cpu.idle', '1']],
    v2: [['cpu.idle', '1']],
    knownDifferences: oldRunc('idle'),
  },
  'idle, whatever its shares': {
    resources: { cpu: { shares: 512, idle: 1 } },
    controller: 'cpu',
    needs: 'cpu.idle',
    v1: [['cpu.idle', '1']],
    v2: [['cpu.idle', '1']],
    knownDifferences: {
      runc: 'writes the weight last, which the kernel refuses on v2',
      crun: 'writes the weight last, which the kernel refuses',
    },
  },
  'real-time limits': {
    resources: { cpu: { realtimePeriod: 1_000_000, realtimeRuntime: 5000 } },
    controller: 'cpu',
    needs: 'cpu.rt_runtime_us',
    v1: [
      ['cpu.rt_period_us', '1000000'],
      ['cpu.rt_runtime_us', '5000'],
    ],
  },
  cpuset: {
    resources: { cpu: { cpus: '0', mems: '0' } },
    controller: 'cpuset',
    v1: [
      ['cpuset.cpus', '0'],
      ['cpuset.mems', '0'],
    ],
    v2: [
      ['cpuset.cpus', '0'],
      ['cpuset.mems', '0'],
    ],
  },
};

const io = ['blkio', 'io'] as const;
const throttle = (v1: string, key: string, word: string): Row => ({
  resources: { blockIO: { [key]: [{ major, minor, rate: 1_048_576 }] } },
  controller: io,
  v1: [[v1, `${numbers} 1048576`]],
  v2: [['io.max', new RegExp(`^${numbers} .*\\b${word}=1048576\\b`, 'm')]],
  skip: noDisk,
});

/** Without BFQ, the kernel accepts weights for a disk whose cost model is on. */
const costs = '/sys/fs/cgroup/io.cost.qos';
const hasCosts = v2 && existsSync(costs) && readFileSync(costs, 'utf8').includes(`${numbers} enable=1`);

/** BFQ has its own files; in v1, they are the only ones since Linux 5.0. */
const bfq = v2 ? 'io.bfq.weight' : 'blkio.bfq.weight';
const hasBfq = existsSync('/sys/module/bfq');
const scheduler = `/sys/block/${disk ?? ''}/queue/scheduler`;
const usesBfq = existsSync(scheduler) && readFileSync(scheduler, 'utf8').includes('[bfq]');

const others: Record<string, Row> = {
  'pids limit': {
    resources: { pids: { limit: 77 } },
    controller: 'pids',
    v1: [['pids.max', '77']],
    v2: [['pids.max', '77']],
  },
  'no pids limit': {
    resources: { pids: { limit: -1 } },
    controller: 'pids',
    v1: [['pids.max', 'max']],
    v2: [['pids.max', 'max']],
    knownDifferences: v2 ? {} : { 'crun 1.8': 'writes -1 as it is' },
  },
  'no process beside the first': {
    resources: { pids: { limit: 0 } },
    controller: 'pids',
    v1: [['pids.max', '1']],
    v2: [['pids.max', '1']],
    knownDifferences: { 'runc 1.1': 'treats 0 as no limit', crun: 'treats 0 as no limit' },
  },
  'bytes read': throttle('blkio.throttle.read_bps_device', 'throttleReadBpsDevice', 'rbps'),
  'bytes written': throttle('blkio.throttle.write_bps_device', 'throttleWriteBpsDevice', 'wbps'),
  reads: throttle('blkio.throttle.read_iops_device', 'throttleReadIOPSDevice', 'riops'),
  writes: throttle('blkio.throttle.write_iops_device', 'throttleWriteIOPSDevice', 'wiops'),
  'block IO weight for BFQ': {
    resources: { blockIO: { weight: 500 } },
    controller: io,
    v1: [[bfq, v2 ? 'default 500' : '500']],
    v2: [[bfq, 'default 500']],
    skip: hasBfq ? false : 'the kernel has no BFQ',
  },
  'block IO weight': {
    resources: { blockIO: { weight: 500 } },
    controller: io,
    v2: [['io.weight', 'default 4950']],
    skip: hasBfq ? 'the kernel has BFQ' : false,
  },
  'block IO weight of a device for BFQ': {
    resources: { blockIO: { weightDevice: [{ major, minor, weight: 500 }] } },
    controller: io,
    v1: [['blkio.bfq.weight_device', new RegExp(`^${numbers} 500$`, 'm')]],
    v2: [[bfq, new RegExp(`^${numbers} 500$`, 'm')]],
    skip: usesBfq ? false : 'the disk is not scheduled by BFQ',
  },
  'block IO weight of a device': {
    resources: { blockIO: { weightDevice: [{ major, minor, weight: 500 }] } },
    controller: io,
    v2: [['io.weight', new RegExp(`^${numbers} 4950$`, 'm')]],
    skip: hasBfq || !hasCosts ? 'the disk has no cost model' : noDisk,
    knownDifferences: { runc: 'supports device weights only with BFQ', crun: 'supports device weights only with BFQ' },
  },
  'huge pages': {
    resources: { hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }] },
    controller: 'hugetlb',
    v1: [
      ['hugetlb.2MB.limit_in_bytes', String(4 * MiB)],
      ['hugetlb.2MB.rsvd.limit_in_bytes', String(4 * MiB)],
    ],
    v2: [
      ['hugetlb.2MB.max', String(4 * MiB)],
      ['hugetlb.2MB.rsvd.max', String(4 * MiB)],
    ],
    knownDifferences: { ...(v2 ? { 'runc 1.1': 'does not limit reservations' } : {}), crun: 'does not limit reservations' },
  },
  'network class': {
    resources: { network: { classID: 0x100001 } },
    controller: 'net_cls',
    v1: [['net_cls.classid', String(0x100001)]],
  },
  'network priorities': {
    resources: { network: { priorities: [{ name: 'lo', priority: 3 }] } },
    controller: 'net_prio',
    v1: [['net_prio.ifpriomap', /^lo 3$/m]],
  },
  rdma: {
    resources: { rdma: { [hca ?? '']: { hcaHandles: 3, hcaObjects: 40 } } },
    controller: 'rdma',
    v1: [['rdma.max', `${hca} hca_handle=3 hca_object=40`]],
    v2: [['rdma.max', `${hca} hca_handle=3 hca_object=40`]],
    skip: hca === undefined ? 'no RDMA device' : false,
    knownDifferences: { crun: 'has no rdma' },
  },
  'files by name': {
    resources: { unified: { 'pids.max': '55', 'memory.high': '50003968', 'cpu.weight': '17' } },
    controller: 'pids',
    v2: [
      ['pids.max', '55'],
      ['memory.high', '50003968'],
      ['cpu.weight', '17'],
    ],
  },
  'a file by name after the same limit': {
    resources: { pids: { limit: 20 }, unified: { 'pids.max': '30' } },
    controller: 'pids',
    v2: [['pids.max', '30']],
  },
  'several lines of a file by name': {
    resources: { unified: { 'io.max': `${numbers} rbps=1048576\n${numbers} wiops=77` } },
    controller: 'io',
    v2: [['io.max', `${numbers} rbps=1048576 wbps=max riops=max wiops=77`]],
    skip: noDisk,
    knownDifferences: { 'runc 1.1': 'writes them at once', crun: 'writes them at once' },
  },
};

export const rows: Record<string, Row> = { ...memory, ...cpu, ...others };
