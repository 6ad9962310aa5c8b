// Process: a program may use the CPUs of its cgroup, even if the caller is restricted to some CPUs.
import { readFileSync } from 'node:fs';
import { test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import { runtime } from '../../harness/runtime.js';

const allowed = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
const twoCpus = allowed.startsWith('0-') ? false : 'needs CPUs 0 and 1';

/** The program's CPUs, if the runtime's caller is restricted to one CPU. */
async function pinned(box: Box, cpu: number, args: readonly string[]): Promise<string> {
  const { stdout } = await box.command('taskset', ['-c', String(cpu), runtime.path, '--root', box.stateRoot, ...args]);
  return stdout.replace(/^.*:\s*/, '').trim();
}

const showCpus = ['grep', 'Cpus_allowed_list', '/proc/self/status'];
const inherits = {
  'runc 1.1': "restricts the container to its caller's CPUs",
  crun: "restricts the container to its caller's CPUs",
};

test(
  "the caller's CPU affinity is not the container's",
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = showCpus;
    });
    t.equal(await pinned(box, 0, ['run', '--bundle', container.bundle, container.id]), allowed);
    container.config.linux.resources = { cpu: { cpus: '1' } };
    container.writeConfig();
    t.equal(await pinned(box, 0, ['run', '--bundle', container.bundle, container.id]), '1', 'but its cgroup decides');
  },
  { skip: twoCpus, knownDifferences: inherits },
);

test(
  "nor exec's",
  async (t, box) => {
    const container = await box.running();
    t.equal(await pinned(box, 1, ['exec', container.id, ...showCpus]), allowed);
  },
  { skip: twoCpus, knownDifferences: inherits },
);
