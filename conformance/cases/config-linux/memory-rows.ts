// The rows for memory.
import { MiB, type Row } from './resource-row.js';

const unlimited = '9223372036854771712';

export const memory: Record<string, Row> = {
  'memory limit': {
    resources: { memory: { limit: 64 * MiB } },
    controller: 'memory',
    v1: [['memory.limit_in_bytes', String(64 * MiB)]],
    v2: [['memory.max', String(64 * MiB)]],
  },
  'memory limit of more than 53 bits': {
    resources: { memory: { limit: 9_223_372_036_854_771_712n } },
    controller: 'memory',
    v1: [['memory.limit_in_bytes', unlimited]],
    v2: [['memory.max', 'max']],
  },
  'no memory limit': {
    resources: { memory: { limit: -1 } },
    controller: 'memory',
    v1: [['memory.limit_in_bytes', unlimited]],
    v2: [['memory.max', 'max']],
  },
  'memory reservation': {
    resources: { memory: { reservation: 32 * MiB } },
    controller: 'memory',
    v1: [['memory.soft_limit_in_bytes', String(32 * MiB)]],
    v2: [['memory.low', String(32 * MiB)]],
  },
  'memory and swap together, where v2 counts only swap': {
    resources: { memory: { limit: 64 * MiB, swap: 96 * MiB } },
    controller: 'memory',
    needs: 'memory.memsw.limit_in_bytes',
    v1: [['memory.memsw.limit_in_bytes', String(96 * MiB)]],
    v2: [['memory.swap.max', String(32 * MiB)]],
  },
  'no swap': {
    resources: { memory: { limit: 64 * MiB, swap: 64 * MiB } },
    controller: 'memory',
    needs: 'memory.memsw.limit_in_bytes',
    v1: [['memory.memsw.limit_in_bytes', String(64 * MiB)]],
    v2: [['memory.swap.max', '0']],
  },
  'any amount of swap': {
    resources: { memory: { limit: 64 * MiB, swap: -1 } },
    controller: 'memory',
    needs: 'memory.memsw.limit_in_bytes',
    v1: [['memory.memsw.limit_in_bytes', unlimited]],
    v2: [['memory.swap.max', 'max']],
  },
  'memory swappiness': {
    resources: { memory: { swappiness: 17 } },
    controller: 'memory',
    v1: [['memory.swappiness', '17']],
  },
  'without the OOM killer': {
    resources: { memory: { limit: 64 * MiB, disableOOMKiller: true } },
    controller: 'memory',
    v1: [['memory.oom_control', /^oom_kill_disable 1$/m]],
  },
  'memory limit that is checked before update': {
    resources: { memory: { limit: 64 * MiB, checkBeforeUpdate: true } },
    controller: 'memory',
    v1: [['memory.limit_in_bytes', String(64 * MiB)]],
    v2: [['memory.max', String(64 * MiB)]],
  },
  'memory of TCP buffers': {
    resources: { memory: { kernelTCP: 8 * MiB } },
    controller: 'memory',
    needs: 'memory.kmem.tcp.limit_in_bytes',
    v1: [['memory.kmem.tcp.limit_in_bytes', String(8 * MiB)]],
    knownDifferences: { runc: 'it ignores kernel memory' },
  },
  'memory of the whole hierarchy': {
    resources: { memory: { limit: 64 * MiB, useHierarchy: true } },
    controller: 'memory',
    needs: 'memory.use_hierarchy',
    v1: [['memory.use_hierarchy', '1']],
  },
};
