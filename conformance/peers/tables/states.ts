// Each command in each state of the container: its exit code, and the state after it.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { shell } from '../../harness/config.js';
import type { PeerCase, Table } from '../case.js';
import type { Site } from '../site.js';

const quiet = async (site: Site, step: () => Promise<unknown>): Promise<void> => {
  await step();
  for (const fact of [...site.facts.keys()]) site.facts.delete(fact);
};

const up = async (site: Site): Promise<void> => {
  await site.create();
  await site.verb('start');
};

/** A hook delays `create` until a file is gone. */
async function creating(site: Site, command: (site: Site) => Promise<unknown>): Promise<void> {
  writeFileSync(site.path('hold'), '');
  const script = `touch ${site.path('held')}; while [ -e ${site.path('hold')} ]; do sleep 0.01; done`;
  site.config.hooks = { createRuntime: [{ path: '/bin/busybox', args: shell(script) }] };
  site.writeConfig();
  const created = site.create();
  while (!existsSync(site.path('held'))) await sleep(3);
  const done = command(site);
  await Promise.race([done, sleep(1000)]);
  rmSync(site.path('hold'));
  await Promise.all([created, done]);
}

const states: Readonly<Record<string, (site: Site) => Promise<unknown>>> = {
  missing: () => Promise.resolve(),
  created: (site) => site.create(),
  running: up,
  paused: async (site) => {
    await up(site);
    await site.verb('pause');
  },
  stopped: async (site) => {
    site.config.process.args = ['true'];
    site.writeConfig();
    await up(site);
    await site.ended();
  },
  'stopped before start': async (site) => {
    await site.create();
    await site.verb('kill', [], ['KILL']);
    await site.ended();
  },
};

async function kill(site: Site, flags: string[], signal: string): Promise<void> {
  const { code } = await site.verb('kill', flags, [signal]);
  if (code === 0 && existsSync(site.path('pid'))) await site.ended(1000);
}

type Command = (site: Site) => Promise<unknown>;

const commands: Readonly<Record<string, Command>> = {
  create: (site) => site.create(),
  start: (site) => site.verb('start'),
  run: (site) => site.verb('run', ['--bundle', site.bundle, '--detach']),
  state: (site) => site.verb('state'),
  'kill 0': (site) => site.verb('kill', [], ['0']),
  'kill TERM': (site) => kill(site, [], 'TERM'),
  'kill KILL': (site) => kill(site, [], 'KILL'),
  'kill --all KILL': (site) => kill(site, ['--all'], 'KILL'),
  delete: (site) => site.verb('delete'),
  'delete --force': (site) => site.verb('delete', ['--force']),
  pause: (site) => site.verb('pause'),
  resume: (site) => site.verb('resume'),
  exec: (site) => site.verb('exec', [], ['true']),
  'exec --detach': (site) => site.verb('exec', ['--detach'], ['true']),
  update: (site) => site.verb('update', ['--pids-limit', '100']),
  ps: (site) => site.verb('ps', ['--format', 'json']),
  'ps table': (site) => site.verb('ps'),
  'events --stats': (site) => site.verb('events', ['--stats']),
  list: (site) => site.call(['list', '--quiet']),
  checkpoint: (site) => site.verb('checkpoint', ['--image-path', site.path('image')]),
};

const sleeps = (site: Site): void => {
  site.config.process.args = ['sleep', '60'];
};

function caseOf(state: string, command: string): PeerCase {
  return {
    name: `states/${command} when ${state}`,
    prepare: (_config, site) => sleeps(site),
    act: async (site) => {
      await quiet(site, () => states[state]!(site));
      await commands[command]!(site);
      site.facts.set('shown status', await site.status());
    },
  };
}

function whileCreating(command: string): PeerCase {
  return {
    name: `states/${command} when creating`,
    prepare: (_config, site) => sleeps(site),
    act: async (site) => {
      await creating(site, commands[command]!);
      site.facts.set('shown status', await site.status());
    },
  };
}

export const stateTable: Table = Object.keys(commands).flatMap((command) => [
  ...Object.keys(states).map((state) => caseOf(state, command)),
  whileCreating(command),
]);
