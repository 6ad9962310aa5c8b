// linux.cgroupsPath and linux.resources: where the container is, and what its cgroup files contain.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hierarchies } from '../../harness/machine/cgroup.js';
import type { Config } from '../../harness/config.js';
import { apply, type Change, type PeerCase, type Table, userNamespace } from '../case.js';
import type { Site } from '../site.js';

/** Counters and values that the kernel determines; the rest is what was written. */
const counters =
  /notify|release_agent|sane_behavior|stat|usage|events|failcnt|procs|tasks|pressure|peak|current|controllers|numa|slabinfo|service|recursive|effective|cpu_usage|memory_pressure|type|event_control|clone_children|\.time|sectors|merged|queued|wait_time|io_/;

export function readFiles(site: Site, path: string): void {
  site.facts.set('cgroup probed', 'yes');
  for (const { path: root } of hierarchies) {
    const directory = join(root, path);
    if (!existsSync(directory)) continue;
    for (const file of readdirSync(directory)) {
      if (counters.test(file) || !statSync(join(directory, file)).isFile()) continue;
      let text;
      try {
        text = readFileSync(join(directory, file), 'utf8').trim();
      } catch (error) {
        text = (error as NodeJS.ErrnoException).code ?? '';
      }
      // Rules are not ordered there.
      site.facts.set(`cgroup file ${file}`, file === 'devices.list' ? text.split('\n').sort().join('\n') : text);
    }
  }
}

/** Where its first process is, and with which limits. */
async function look(site: Site): Promise<void> {
  site.config.process.args = ['sleep', '60'];
  site.writeConfig();
  const { code } = await site.create();
  if (code !== 0) return;
  const text = readFileSync(`/proc/${readFileSync(site.path('pid'), 'utf8')}/cgroup`, 'utf8');
  for (const line of text.trim().split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:(.*?):(.*)$/.exec(line) ?? [];
    site.facts.set(`cgroup of ${controllers}`, path);
    if (controllers === 'memory' || (controllers === '' && path !== '/')) readFiles(site, path);
  }
}

const inside = async (site: Site): Promise<void> => {
  await site.run();
};

function row(name: string, change: Change, act = look): PeerCase {
  return { name: `cgroups/${name}`, prepare: (config, site) => apply(change, config, site), act };
}

const pathOf =
  (make: (id: string) => string | undefined): Change =>
  (config, site) => {
    // Where a path may lead out of the hierarchies.
    site.atEnd(() => rmSync(`/sys/fs/cgroup/${site.id}`, { recursive: true, force: true }));
    config.linux.cgroupsPath = make(site.id)!;
  };

const paths: Readonly<Record<string, (id: string) => string | undefined>> = {
  absolute: (id) => `/${id}`,
  relative: (id) => id,
  'two levels': (id) => `/${id}/below`,
  'relative, two levels': (id) => `${id}/below`,
  'with ..': (id) => `/a/../${id}`,
  'above the root': (id) => `/../../${id}`,
  'relative, above': (id) => `../${id}`,
  'with //': (id) => `//${id}//below`,
  'with a slash at the end': (id) => `/${id}/`,
  'with a space': (id) => `/${id} x`,
  'with colons': (id) => `/${id}:a:b`,
  'of a long name': (id) => `/${id}${'x'.repeat(255 - id.length)}`,
  'of too long a name': (id) => `/${id}${'x'.repeat(256 - id.length)}`,
};

const mebi = 1024 * 1024;
const resources: Readonly<Record<string, object>> = {
  '{}': {},
  'memory limit': { memory: { limit: 64 * mebi } },
  'memory limit -1': { memory: { limit: -1 } },
  'memory limit 0': { memory: { limit: 0 } },
  'memory limit 5000': { memory: { limit: 5000 } },
  'memory limit and swap': { memory: { limit: 64 * mebi, swap: 128 * mebi } },
  'memory swap below the limit': { memory: { limit: 64 * mebi, swap: 32 * mebi } },
  'memory swap alone': { memory: { swap: 64 * mebi } },
  'memory swap -1': { memory: { limit: 64 * mebi, swap: -1 } },
  'memory reservation': { memory: { reservation: 32 * mebi } },
  'memory swappiness 0': { memory: { swappiness: 0 } },
  'memory swappiness 50': { memory: { swappiness: 50 } },
  'memory swappiness 101': { memory: { swappiness: 101 } },
  'memory disableOOMKiller': { memory: { disableOOMKiller: true } },
  'memory kernel': { memory: { kernel: 64 * mebi } },
  'memory kernelTCP': { memory: { kernelTCP: 64 * mebi } },
  'memory useHierarchy': { memory: { useHierarchy: true } },
  'memory checkBeforeUpdate': { memory: { limit: 64 * mebi, checkBeforeUpdate: true } },
  'cpu shares': { cpu: { shares: 512 } },
  'cpu shares 0': { cpu: { shares: 0 } },
  'cpu shares 1': { cpu: { shares: 1 } },
  'cpu shares 262145': { cpu: { shares: 262_145 } },
  'cpu quota and period': { cpu: { quota: 50_000, period: 100_000 } },
  'cpu quota alone': { cpu: { quota: 20_000 } },
  'cpu quota -1': { cpu: { quota: -1 } },
  'cpu quota 0': { cpu: { quota: 0 } },
  'cpu quota 1': { cpu: { quota: 1 } },
  'cpu period alone': { cpu: { period: 50_000 } },
  'cpu period 1': { cpu: { period: 1 } },
  'cpu burst': { cpu: { quota: 50_000, period: 100_000, burst: 10_000 } },
  'cpu burst above the quota': { cpu: { quota: 50_000, period: 100_000, burst: 60_000 } },
  'cpu idle 1': { cpu: { idle: 1 } },
  'cpu idle 0': { cpu: { idle: 0 } },
  'cpu idle 2': { cpu: { idle: 2 } },
  'cpu cpus': { cpu: { cpus: '0' } },
  'cpu cpus ""': { cpu: { cpus: '' } },
  'cpu cpus 99': { cpu: { cpus: '99' } },
  'cpu cpus x': { cpu: { cpus: 'x' } },
  'cpu mems': { cpu: { mems: '0' } },
  'cpu realtime': { cpu: { realtimePeriod: 1_000_000, realtimeRuntime: 1000 } },
  'pids limit': { pids: { limit: 20 } },
  'pids limit 0': { pids: { limit: 0 } },
  'pids limit -1': { pids: { limit: -1 } },
  'pids limit -2': { pids: { limit: -2 } },
  'pids {}': { pids: {} },
  'blockIO weight': { blockIO: { weight: 500 } },
  'blockIO weight 5': { blockIO: { weight: 5 } },
  'blockIO throttle': { blockIO: { throttleReadBpsDevice: [{ major: 254, minor: 0, rate: 1_000_000 }] } },
  'blockIO throttle of a missing device': { blockIO: { throttleReadBpsDevice: [{ major: 99, minor: 99, rate: 1_000_000 }] } },
  'hugepageLimits of a missing size': { hugepageLimits: [{ pageSize: '3MB', limit: 1 }] },
  'network classID': { network: { classID: 1_048_577 } },
  'network priorities': { network: { priorities: [{ name: 'lo', priority: 5 }] } },
  rdma: { rdma: { mlx5_1: { hcaHandles: 3 } } },
  unified: { unified: { 'memory.max': '67108864' } },
  'unified {}': { unified: {} },
  'devices []': { devices: [] },
  'devices deny all': { devices: [{ allow: false, access: 'rwm' }] },
  'devices allow all': { devices: [{ allow: true, access: 'rwm' }] },
  'devices allow one': {
    devices: [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
    ],
  },
  'devices allow a major': {
    devices: [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, access: 'rwm' },
    ],
  },
  'devices deny one': {
    devices: [
      { allow: true, access: 'rwm' },
      { allow: false, type: 'c', major: 10, minor: 229, access: 'rw' },
    ],
  },
  'devices without access': { devices: [{ allow: false }] },
  'devices with an empty access': { devices: [{ allow: true, type: 'c', major: 1, minor: 3, access: '' }] },
  'devices with a bad access': { devices: [{ allow: true, type: 'c', major: 1, minor: 3, access: 'x' }] },
  'devices with major -1': {
    devices: [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: -1, minor: -1, access: 'm' },
    ],
  },
  'devices of type a with numbers': { devices: [{ allow: false, type: 'a', major: 1, minor: 3, access: 'rwm' }] },
  'devices deny /dev/null': { devices: [{ allow: false, type: 'c', major: 1, minor: 3, access: 'rwm' }] },
  'an unknown controller': { nosuch: { limit: 1 } },
};

/** The mount of cgroups that engines ask for. */
const mounts: Readonly<Record<string, (config: Config, site: Site) => void>> = {
  'mounted read-only': (config) =>
    config.mounts.push({
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['ro', 'nosuid', 'noexec', 'nodev'],
    }),
  'mounted writable': (config) =>
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['rw'] }),
  'mounted in a cgroup namespace': (config) => {
    config.linux.namespaces.push({ type: 'cgroup' });
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
  },
  'mounted in a user namespace': (config, site) => {
    config.linux.namespaces.push({ type: 'cgroup' });
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
    userNamespace(config, site);
  },
  'sysfs alone': (config) =>
    config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro', 'nosuid'] }),
};

/** A cgroup that exists before: whose it is, and what happens to it. */
const there: PeerCase = {
  name: 'cgroups/path that is there before',
  act: async (site) => {
    const directories = hierarchies.map(({ path }) => join(path, site.id));
    for (const directory of directories) mkdirSync(directory);
    await look(site);
    await site.verb('delete', ['--force']);
    site.facts.set('host cgroup afterwards', directories.some((path) => existsSync(path)) ? 'is there' : 'is gone');
    for (const directory of directories) if (existsSync(directory)) rmdirSync(directory);
  },
};

const absent: PeerCase = {
  name: 'cgroups/no path',
  prepare: (config) => delete config.linux.cgroupsPath,
  act: look,
};

export const cgroups: Table = [
  ...Object.entries(paths).map(([name, make]) => row(`path ${name}`, pathOf(make))),
  there,
  absent,
  { ...absent, name: 'cgroups/path ""', prepare: (config) => (config.linux.cgroupsPath = '') },
  ...Object.entries(resources).map(([name, value]) => row(`resources ${name}`, { 'linux.resources': value })),
  ...Object.entries(mounts).map(([name, change]) => row(name, change, inside)),
];
