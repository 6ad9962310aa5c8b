// The flags of update: one per field of linux.resources, named as in runc.
import type { Flag } from './command.js';

function limit(name: string, value: string, description: string): Flag {
  return { name, type: 'string', value, description };
}

export const updateFlags: readonly Flag[] = [
  {
    name: 'resources',
    alias: 'r',
    type: 'string',
    value: 'FILE',
    description: 'a linux.resources object as JSON, "-" for standard input; replaces all other flags but the last two',
  },
  limit('blkio-weight', 'WEIGHT', 'weight of block I/O, 10 to 1000'),
  limit('cpu-period', 'US', 'period of the CPU bandwidth in microseconds'),
  limit('cpu-quota', 'US', 'CPU time in each period in microseconds, -1 for no limit'),
  limit('cpu-burst', 'US', 'CPU time that may be saved up for a burst, in microseconds'),
  limit('cpu-share', 'SHARES', 'CPU shares, relative to other containers'),
  limit('cpu-rt-period', 'US', 'period of real-time scheduling in microseconds (cgroup v1)'),
  limit('cpu-rt-runtime', 'US', 'real-time CPU time in each period in microseconds (cgroup v1)'),
  limit('cpu-idle', '0|1', 'whether to run only when nobody else wants to'),
  limit('cpuset-cpus', 'LIST', 'CPUs to use, e.g. 0-2,7'),
  limit('cpuset-mems', 'LIST', 'memory nodes to use'),
  limit('memory', 'SIZE', 'memory limit, e.g. 100M; -1 for no limit'),
  limit('memory-reservation', 'SIZE', 'memory to keep when memory is short'),
  limit('memory-swap', 'SIZE', 'limit of memory and swap together, -1 for no limit'),
  limit('pids-limit', 'N', 'maximum number of processes, -1 for no limit'),
  limit('kernel-memory', 'SIZE', 'ignored'),
  limit('kernel-memory-tcp', 'SIZE', 'ignored'),
  limit('l3-cache-schema', 'SCHEMA', 'Intel RDT: the part of the L3 cache to use'),
  limit('mem-bw-schema', 'SCHEMA', 'Intel RDT: the share of the memory bandwidth'),
];
