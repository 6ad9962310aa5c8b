// Rules on how the kernel treats the process: scheduler, I/O priority, memory policy, CPU affinity.
import { when, type Rule } from '../rule.js';

/** More than any kernel supports. */
const numberLimit = 65_536;

const isNumber = (text: string): boolean => /^\d{1,6}$/.test(text) && Number(text) < numberLimit;

/** "0-3,7": well formed, with ascending ranges. The schema allows nothing but digits, commas, spaces and dashes. */
function isList(text: string): boolean {
  return text.split(',').every((part) => {
    const [first = '', last = first, ...more] = part
      .trim()
      .split('-')
      .map((number) => number.trim());
    if (part.trim() === '') return true;
    return more.length === 0 && isNumber(first) && isNumber(last) && Number(first) <= Number(last);
  });
}

const withoutNodes = ['MPOL_DEFAULT', 'MPOL_LOCAL'];
const withNodes = ['MPOL_BIND', 'MPOL_INTERLEAVE', 'MPOL_WEIGHTED_INTERLEAVE', 'MPOL_PREFERRED_MANY'];

export const schedulingRules: readonly Rule[] = [
  {
    name: 'scheduler-nice',
    section: 'config.md, scheduler; sched(7): -20 to 19 with SCHED_OTHER and SCHED_BATCH',
    check: ({ process }) => {
      const { policy = '', nice = 0 } = process?.scheduler ?? {};
      const fair = policy === 'SCHED_OTHER' || policy === 'SCHED_BATCH';
      return when(
        fair && (nice < -20 || nice > 19),
        '/process/scheduler/nice',
        `found ${nice}, allowed with ${policy}: -20 to 19`,
      );
    },
  },
  {
    name: 'scheduler-priority',
    section: 'config.md, scheduler; sched(7): 1 to 99 with SCHED_FIFO and SCHED_RR',
    check: ({ process }) => {
      const { policy = '', priority = 0 } = process?.scheduler ?? {};
      const realTime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
      const pointer = '/process/scheduler/priority';
      if (!realTime)
        return when(priority !== 0, pointer, `found ${priority} with ${policy}, allowed with SCHED_FIFO and SCHED_RR only`);
      return when(priority < 0 || priority > 99, pointer, `found ${priority}, allowed: 0 to 99`);
    },
  },
  {
    name: 'scheduler-deadline',
    section: 'config.md, scheduler: runtime, deadline, period for SCHED_DEADLINE',
    check: ({ process }) => {
      const { policy = '', runtime = 0, deadline = 0, period = 0 } = process?.scheduler ?? {};
      if (policy === 'SCHED_DEADLINE') return [];
      return Object.entries({ runtime, deadline, period }).flatMap(([key, value]) =>
        when(value > 0, `/process/scheduler/${key}`, `found ${value} with ${policy}, allowed with SCHED_DEADLINE only`),
      );
    },
  },
  {
    name: 'io-priority',
    section: 'config.md, ioPriority: 0 (highest) to 7 (lowest)',
    check: ({ process }) => {
      const priority = process?.ioPriority?.priority ?? 0;
      return when(priority < 0 || priority > 7, '/process/ioPriority/priority', `found ${priority}, allowed: 0 to 7`);
    },
  },
  {
    name: 'cpu-affinity',
    section: 'config.md, execCPUAffinity: cpuset(7), List format',
    check: ({ process }) =>
      (['initial', 'final'] as const).flatMap((key) => {
        const list = process?.execCPUAffinity?.[key] ?? '';
        return when(
          !isList(list),
          `/process/execCPUAffinity/${key}`,
          () => `found ${JSON.stringify(list)}, expected a list of CPU numbers below ${numberLimit} like "0-3,7"`,
        );
      }),
  },
  {
    name: 'memory-policy',
    section: 'config-linux.md, Memory policy; set_mempolicy(2)',
    check: ({ linux }) => {
      const policy = linux?.memoryPolicy;
      if (policy === undefined) return [];
      const { mode = '', nodes = '' } = policy;
      const given = nodes.trim() !== '';
      return [
        ...when(mode === '', '/linux/memoryPolicy/mode', 'is missing, but required'),
        ...when(
          withoutNodes.includes(mode) && given,
          '/linux/memoryPolicy/nodes',
          () => `found ${JSON.stringify(nodes)}, but ${mode} takes no nodes`,
        ),
        ...when(withNodes.includes(mode) && !given, '/linux/memoryPolicy/nodes', `${mode} needs at least one node`),
        ...when(
          !isList(nodes),
          '/linux/memoryPolicy/nodes',
          () => `found ${JSON.stringify(nodes)}, expected a list of node numbers below ${numberLimit} like "0-3,7"`,
        ),
      ];
    },
  },
];
