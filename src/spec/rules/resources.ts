// Rules on cgroups and their limits (config-linux.md, Control groups, IntelRdt).
import { joinPointer } from '../../json/pointer.js';
import { quoteText } from '../../json/quote.js';
import { forEach, when, type Rule } from '../rule.js';
import type { Violation } from '../violation.js';

function isSingleLine(text: string | undefined): boolean {
  return !(text ?? '').includes('\n');
}

/** The name of a cgroup file must not lead out of the cgroup's directory. */
function checkUnified(key: string, value: string): Violation[] {
  const pointer = joinPointer('/linux/resources/unified', key);
  const isFile = /^[a-z0-9_]+\.[^/\0\n]+$/i.test(key) && !key.includes('..');
  return [
    ...when(!isFile, pointer, () => `${quoteText(key, 60)} is not the name of a cgroup file, e.g. "memory.high"`),
    ...when(value.includes('\0'), pointer, 'has a NUL character in its value'),
  ];
}

/** Engines pass 0 for "not set". */
function checkWeights(given: { weight?: number | undefined; leafWeight?: number | undefined }, pointer: string): Violation[] {
  return (['weight', 'leafWeight'] as const).flatMap((key) => {
    const value = given[key] ?? 0;
    return when(value !== 0 && (value < 10 || value > 1000), `${pointer}/${key}`, `found ${value}, allowed: 10 to 1000`);
  });
}

export const resourceRules: readonly Rule[] = [
  {
    name: 'cgroups-path',
    section: 'config-linux.md, Cgroups Path: "MAY consider certain cgroupsPath values to be invalid"',
    check: ({ linux }) => {
      const path = linux?.cgroupsPath ?? '';
      return when(
        path.split('/').includes('..'),
        '/linux/cgroupsPath',
        () => `found ${quoteText(path, 100)}, expected a path without ".."`,
      );
    },
  },
  {
    name: 'memory-swap',
    section: 'config-linux.md, Memory: swap is memory and swap together',
    check: ({ linux }) => {
      const { limit = 0, swap = 0 } = linux?.resources?.memory ?? {};
      return when(
        limit > 0 && swap > 0 && swap < limit,
        '/linux/resources/memory/swap',
        `found ${swap}, allowed: at least the memory limit ${limit}, which is part of it`,
      );
    },
  },
  {
    name: 'memory-sizes',
    section: 'config-linux.md, Memory: limits in bytes, -1 for none',
    check: ({ linux }) =>
      (['limit', 'reservation', 'swap', 'kernel', 'kernelTCP'] as const).flatMap((key) => {
        const value = linux?.resources?.memory?.[key] ?? 0;
        return when(value < -1, `/linux/resources/memory/${key}`, `found ${value}, allowed: -1 or more`);
      }),
  },
  {
    name: 'swappiness',
    section: 'config-linux.md, Memory: swappiness, "values are from 0 to 100"',
    check: ({ linux }) => {
      const value = linux?.resources?.memory?.swappiness ?? 0;
      return when(value > 100, '/linux/resources/memory/swappiness', `found ${value}, allowed: 0 to 100`);
    },
  },
  {
    name: 'cpu-burst',
    section: 'config-linux.md, CPU: quota "MUST be no smaller than burst"',
    check: ({ linux }) => {
      const { quota = 0, burst = 0 } = linux?.resources?.cpu ?? {};
      return when(
        quota > 0 && burst > quota,
        '/linux/resources/cpu/burst',
        `found ${burst}, allowed: at most the quota ${quota}`,
      );
    },
  },
  {
    name: 'cpu-idle',
    section: 'config-linux.md, CPU: idle; cgroup-v2, cpu.idle: 0 or 1',
    check: ({ linux }) => {
      const idle = linux?.resources?.cpu?.idle ?? 0;
      return when(idle < 0 || idle > 1, '/linux/resources/cpu/idle', `found ${idle}, allowed: 0 or 1`);
    },
  },
  {
    name: 'weights',
    section: 'config-linux.md, Block IO: weight, "values range from 10 to 1000"',
    check: ({ linux }) => {
      const { weight, leafWeight, weightDevice } = linux?.resources?.blockIO ?? {};
      const pointer = '/linux/resources/blockIO';
      return [
        ...checkWeights({ weight, leafWeight }, pointer),
        ...forEach(weightDevice, `${pointer}/weightDevice`, (device, at) => checkWeights(device, at)),
      ];
    },
  },
  {
    name: 'weight-device',
    section: 'config-linux.md, Block IO: "MUST specify at least one of weight or leafWeight"',
    check: ({ linux }) =>
      forEach(linux?.resources?.blockIO?.weightDevice, '/linux/resources/blockIO/weightDevice', ({ weight, leafWeight }, at) =>
        when(weight === undefined && leafWeight === undefined, at, 'has neither weight nor leafWeight'),
      ),
  },
  {
    name: 'throttle-rate',
    section: 'config-linux.md, Block IO: rate, REQUIRED',
    check: ({ linux }) =>
      (['throttleReadBpsDevice', 'throttleWriteBpsDevice', 'throttleReadIOPSDevice', 'throttleWriteIOPSDevice'] as const).flatMap(
        (key) =>
          forEach(linux?.resources?.blockIO?.[key], `/linux/resources/blockIO/${key}`, ({ rate }, at) =>
            when(rate === undefined, `${at}/rate`, 'is missing, but required'),
          ),
      ),
  },
  {
    name: 'rdma',
    section: 'config-linux.md, RDMA: "MUST specify at least one of the hcaHandles or hcaObjects"',
    check: ({ linux }) =>
      Object.entries(linux?.resources?.rdma ?? {}).flatMap(([device, { hcaHandles, hcaObjects }]) =>
        when(
          hcaHandles === undefined && hcaObjects === undefined,
          joinPointer('/linux/resources/rdma', device),
          'has neither hcaHandles nor hcaObjects',
        ),
      ),
  },
  {
    name: 'device-rules',
    section: 'config-linux.md, Allowed Device list: type a, c or b, access of r, w and m',
    check: ({ linux }) =>
      forEach(linux?.resources?.devices, '/linux/resources/devices', ({ type = '', access }, at) => [
        ...when(!['', 'a', 'b', 'c'].includes(type), `${at}/type`, () => `found ${quoteText(type, 60)}, allowed: "a", "b", "c"`),
        ...when(
          access !== undefined && !/^[rwm]*$/.test(access),
          `${at}/access`,
          () => `found ${quoteText(access ?? '', 60)}, allowed: the letters r, w and m`,
        ),
        // To the kernel "a" means everything, whatever follows.
        ...when((access ?? '') === '' && /^[bc]$/.test(type), `${at}/access`, 'is missing: give some of the letters r, w and m'),
      ]),
  },
  {
    name: 'unified-keys',
    section: 'config-linux.md, Unified: keys are file names in the cgroup',
    check: ({ linux }) => Object.entries(linux?.resources?.unified ?? {}).flatMap(([key, value]) => checkUnified(key, value)),
  },
  {
    name: 'intel-rdt',
    section: 'config-linux.md, IntelRdt: values MUST NOT contain newlines; closID names one directory (runc)',
    check: ({ linux }) => {
      const { closID = '', schemata, l3CacheSchema } = linux?.intelRdt ?? {};
      const leaves = closID === '.' || closID === '..' || (closID.length > 1 && closID.includes('/'));
      return [
        ...when(leaves, '/linux/intelRdt/closID', () => `found ${quoteText(closID, 60)}, expected one directory's name, or "/"`),
        ...when(!isSingleLine(l3CacheSchema), '/linux/intelRdt/l3CacheSchema', 'has more than one line'),
        ...forEach(schemata, '/linux/intelRdt/schemata', (line, at) => when(!isSingleLine(line), at, 'has more than one line')),
      ];
    },
  },
];
