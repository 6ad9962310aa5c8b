// update: its flags and files, and what the cgroup files contain afterwards.
import { writeFileSync } from 'node:fs';
import type { PeerCase, Table } from '../case.js';
import { readFiles } from './cgroups.js';
import type { Site } from '../site.js';

const flags: readonly (readonly string[])[] = [
  [],
  ['--memory', '67108864'],
  ['--memory', '64M'],
  ['--memory', '64m'],
  ['--memory', '-1'],
  ['--memory', '0'],
  ['--memory', 'x'],
  ['--memory', '67108864', '--memory-swap', '134217728'],
  ['--memory-swap', '134217728'],
  ['--memory-reservation', '33554432'],
  ['--kernel-memory', '67108864'],
  ['--kernel-memory-tcp', '67108864'],
  ['--pids-limit', '20'],
  ['--pids-limit', '0'],
  ['--pids-limit', '-1'],
  ['--cpu-share', '512'],
  ['--cpu-shares', '512'],
  ['--cpu-quota', '50000'],
  ['--cpu-quota', '-1'],
  ['--cpu-quota', '50000', '--cpu-period', '200000'],
  ['--cpu-period', '50000'],
  ['--cpu-burst', '10000'],
  ['--cpu-idle', '1'],
  ['--cpu-rt-period', '1000000'],
  ['--cpu-rt-runtime', '1000'],
  ['--cpuset-cpus', '0'],
  ['--cpuset-cpus', '99'],
  ['--cpuset-mems', '0'],
  ['--blkio-weight', '500'],
  ['--blkio-weight', '5'],
  ['--l3-cache-schema', 'L3:0=f'],
  ['--mem-bw-schema', 'MB:0=10'],
  ['--nosuch'],
  ['--pids-limit'],
  ['--pids-limit', ''],
];

const files: Readonly<Record<string, string>> = {
  '{}': '{}',
  null: 'null',
  '[]': '[]',
  nothing: '',
  'no JSON': '{',
  'memory limit': '{"memory":{"limit":67108864}}',
  'all null':
    '{"memory":null,"cpu":null,"pids":null,"blockIO":null,"devices":null,"unified":null,"hugepageLimits":null,"network":null,"rdma":null}',
  'null limits': '{"memory":{"limit":null},"cpu":{"quota":null},"pids":{"limit":null}}',
  'unknown properties': '{"nosuch":1,"memory":{"limit":67108864}}',
  devices: '{"devices":[{"allow":false,"access":"rwm"}]}',
  'cpu and pids': '{"cpu":{"shares":512,"quota":50000,"period":100000},"pids":{"limit":30}}',
  'a negative period': '{"cpu":{"period":-1}}',
  'a limit that is refused': '{"pids":{"limit":30},"cpu":{"cpus":"99"}}',
  'a limit as text': '{"memory":{"limit":"67108864"}}',
  'a limit as a fraction': '{"memory":{"limit":67108864.5}}',
  'a limit with an exponent': '{"memory":{"limit":6.4e7}}',
  unified: '{"unified":{"memory.max":"67108864"}}',
};

async function running(site: Site): Promise<void> {
  site.config.process.args = ['sleep', '60'];
  site.config.linux.resources = {
    cpu: { quota: 40_000, period: 100_000 },
    memory: { limit: 128 * 1024 * 1024 },
    pids: { limit: 100 },
  };
  site.writeConfig();
  await site.create();
  await site.verb('start');
}

const withFlags = flags.map((words): PeerCase => ({
  name: `update/${words.map((word) => (word === '' ? '""' : word)).join(' ')}`,
  act: async (site) => {
    await running(site);
    await site.verb('update', words);
    readFiles(site, `/${site.id}`);
  },
}));

const withFiles = Object.entries(files).map(([name, text]): PeerCase => ({
  name: `update/--resources: ${name}`,
  act: async (site) => {
    await running(site);
    writeFileSync(site.path('resources.json'), text);
    await site.verb('update', ['--resources', site.path('resources.json')]);
    readFiles(site, `/${site.id}`);
  },
}));

export const updateTable: Table = [...withFlags, ...withFiles];
