// A caller that has closed descriptors 0, 1 or 2: instead, the program gets /dev/null, never one of the runtime's files.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { succeeded, type Tap, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import type { CommandResult } from '../../harness/command.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

const closings = ['<&-', '>&-', '2>&-'] as const;
const subsets = Array.from({ length: 7 }, (_value, index) => closings.filter((_one, fd) => ((index + 1) & (1 << fd)) !== 0));

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}

/** One call of the runtime without those descriptors. */
function without(box: Box, closed: readonly string[], args: readonly string[]): Promise<CommandResult> {
  const call = quoted([runtime.path, '--root', box.stateRoot, ...args]);
  return box.command('sh', ['-c', `exec ${call} ${closed.join(' ')}`]);
}

/** By kind: a closed one is /dev/null, or a pipe if the runtime stands in between. */
async function judge(t: Tap, pid: number, closed: readonly string[]): Promise<void> {
  while (!runs(pid)) await sleep(10);
  const links = Object.fromEntries(readdirSync(`/proc/${pid}/fd`).map((fd) => [fd, readlinkSync(`/proc/${pid}/fd/${fd}`)]));
  t.same(Object.keys(links), ['0', '1', '2'], 'nothing else is open');
  for (const [fd, closing] of closings.entries()) {
    const link = links[String(fd)] ?? '';
    if (closed.includes(closing)) t.match(link, /^(\/dev\/null|pipe:\[\d+\])$/, `descriptor ${fd}`);
    else t.notMatch(link, /state|socket:/, `descriptor ${fd}`);
  }
}

function runs(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep\0');
}

async function pidIn(path: string): Promise<number> {
  for (;;) {
    try {
      const pid = Number(readFileSync(path, 'utf8'));
      if (pid > 0) return pid;
    } catch {
      // Not there yet.
    }
    await sleep(10);
  }
}

const ways: Readonly<Record<string, (t: Tap, box: Box, closed: readonly string[]) => Promise<void>>> = {
  'create and start': async (t, box, closed) => {
    const container = sleeper(box);
    succeeded(t, await without(box, closed, ['create', '--bundle', container.bundle, container.id]));
    succeeded(t, await without(box, closed, ['start', container.id]));
    await judge(t, (await container.state()).pid ?? 0, closed);
    succeeded(t, await without(box, closed, ['delete', '--force', container.id]));
  },
  'run -d': async (t, box, closed) => {
    const container = sleeper(box);
    succeeded(t, await without(box, closed, ['run', '-d', '--bundle', container.bundle, container.id]));
    await judge(t, (await container.state()).pid ?? 0, closed);
    succeeded(t, await without(box, closed, ['delete', '--force', container.id]));
  },
  run: async (t, box, closed) => {
    const container = sleeper(box);
    const pidFile = box.path('pid');
    const running = without(box, closed, ['run', '--pid-file', pidFile, '--bundle', container.bundle, container.id]);
    const pid = await pidIn(pidFile);
    await judge(t, pid, closed);
    process.kill(pid, 'SIGKILL');
    t.equal((await running).code, 137);
  },
  'exec -d': async (t, box, closed) => {
    const container = await box.running();
    const pidFile = box.path('pid');
    succeeded(t, await without(box, closed, ['exec', '-d', '--pid-file', pidFile, container.id, 'sleep', '50']));
    await judge(t, await pidIn(pidFile), closed);
  },
  exec: async (t, box, closed) => {
    const container = await box.running();
    const pidFile = box.path('pid');
    const running = without(box, closed, ['exec', '--pid-file', pidFile, container.id, 'sleep', '50']);
    const pid = await pidIn(pidFile);
    await judge(t, pid, closed);
    process.kill(pid, 'SIGKILL');
    t.equal((await running).code, 137);
  },
};

function sleeper(box: Box): Container {
  return box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
}

const otherFiles = 'passes on files that it has opened itself';

for (const [name, way] of Object.entries(ways)) {
  for (const closed of subsets) {
    test(`${name} ${closed.join(' ')}`, (t, box) => way(t, box, closed), {
      knownDifferences: { crun: otherFiles, 'runc 1.1': otherFiles },
    });
  }
}

test('hooks with all of them closed', async (t, box) => {
  const container = sleeper(box);
  const script = 'readlink /proc/$$/fd/0 /proc/$$/fd/2 > "$0"; cat >> "$0"; echo >> "$0"';
  container.config.hooks = { prestart: [{ path: '/bin/sh', args: ['sh', '-c', script, box.path('hook')] }] };
  container.writeConfig();
  succeeded(t, await without(box, closings, ['run', '-d', '--bundle', container.bundle, container.id]));
  const hook = readFileSync(box.path('hook'), 'utf8');
  t.match(hook, /^((\/memfd:|pipe:|\/dev\/null).*\n){2}\{/);
  t.match(hook, `"id":"${container.id}"`);
});
