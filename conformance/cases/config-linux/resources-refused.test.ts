// Limits that make no sense, or not on this machine: refused, naming the field to blame.
import { readFileSync } from 'node:fs';
import { failed, test } from '../../harness/case.js';
import { layout } from '../../harness/machine/cgroup.js';
import type { Linux } from '../../harness/config.js';

type Resources = NonNullable<Linux['resources']>;

const v2 = layout === 'v2';
const MiB = 1024 * 1024;

const refused: Record<string, readonly [resources: Resources, pointer: string]> = {
  'less memory with swap than without': [{ memory: { limit: 64 * MiB, swap: MiB } }, '/linux/resources/memory/swap'],
  'a swappiness of 101': [{ memory: { swappiness: 101 } }, '/linux/resources/memory/swappiness'],
  'a burst above the quota': [{ cpu: { quota: 1000, burst: 2000 } }, '/linux/resources/cpu/burst'],
  'an idle of 2': [{ cpu: { idle: 2 } }, '/linux/resources/cpu/idle'],
  'a weight of 5': [{ blockIO: { weight: 5 } }, '/linux/resources/blockIO/weight'],
  'leaf weights, which no kernel has since 5.0': [
    { blockIO: { leafWeight: 500 } },
    v2 ? '' : '/linux/resources/blockIO/leafWeight',
  ],
  'a throttle without a rate': [
    { blockIO: { throttleReadBpsDevice: [{ major: 1, minor: 1 }] } },
    '/linux/resources/blockIO/throttleReadBpsDevice/0/rate',
  ],
  'an unknown page size': [{ hugepageLimits: [{ pageSize: '2mb', limit: 1 }] }, '/linux/resources/hugepageLimits/0/pageSize'],
  'rdma of nothing': [{ rdma: { mlx: {} } }, '/linux/resources/rdma/mlx'],
  'a file in another cgroup': [{ unified: { 'memory/x.max': '1' } }, '/linux/resources/unified/memory~1x.max'],
  'a file of the parent': [{ unified: { '..memory.max': '1' } }, '/linux/resources/unified/..memory.max'],
  'a value that the kernel refuses': [{ cpu: { cpus: '4095', mems: '0' } }, '/linux/resources/cpu/cpus'],
  'a limit that the kernel does not have': [
    { hugepageLimits: [{ pageSize: '3GB', limit: 1 }] },
    '/linux/resources/hugepageLimits/0',
  ],
  'real time on cgroup v2': [{ cpu: { realtimeRuntime: 5000 } }, v2 ? '/linux/resources/cpu/realtimeRuntime' : ''],
  'network classes on cgroup v2': [{ network: { classID: 1 } }, v2 ? '/linux/resources/network/classID' : ''],
  'files by name on cgroup v1': [{ unified: { 'pids.max': '1' } }, v2 ? '' : '/linux/resources/unified'],
};

for (const [name, [resources, pointer]] of Object.entries(refused)) {
  test(
    `${name} is refused, with the field, and nothing is left`,
    async (t, box) => {
      const container = box.container((config) => {
        config.linux.resources = resources;
      });
      const result = await container.create({ globals: ['--log', box.path('log.json'), '--log-format', 'json'] });
      failed(t, result);
      const last = readFileSync(box.path('log.json'), 'utf8').trim().split('\n').at(-1) ?? '';
      t.equal((JSON.parse(last) as { pointer?: string }).pointer, pointer);
      t.same(await box.leftovers(), []);
    },
    { oursOnly: true, skip: pointer === '' ? `no mistake with ${layout}` : false },
  );
}
