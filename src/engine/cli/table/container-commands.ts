// Commands that create, run and end containers.
import type { EngineCommand, EngineFlag } from '../command.js';
import { createFlags, execFlags, runFlags, updateFlags } from './container-flags.js';
import { refusedByRemove, refusedByStart } from './refused-flags.js';

const any = Number.POSITIVE_INFINITY;
const image = 'IMAGE [COMMAND] [ARG...]';
const many = 'CONTAINER [CONTAINER...]';

const keys: EngineFlag = {
  name: 'detach-keys',
  type: 'string',
  value: 'KEYS',
  description: 'Keys that detach (default: ctrl-p,ctrl-q)',
};
const proxy: EngineFlag = { name: 'sig-proxy', type: 'boolean', description: 'Forward signals to the program (default: true)' };
const time: EngineFlag = {
  name: 'time',
  short: 't',
  type: 'string',
  value: 'SECONDS',
  description: 'Seconds to wait before SIGKILL (default: --stop-timeout of the container)',
  otherNames: ['timeout'],
};
const signal: EngineFlag = { name: 'signal', short: 's', type: 'string', value: 'SIGNAL', description: 'Signal to send' };

/** `container NAME`, also known as NAME. */
function command(
  name: string,
  rest: Omit<EngineCommand, 'name' | 'aliases'> & { readonly aliases?: readonly string[] },
): EngineCommand {
  return { ...rest, name: `container ${name}`, aliases: [name, ...(rest.aliases ?? [])] };
}

const running: readonly EngineCommand[] = [
  command('run', {
    summary: 'Create a container from an image and run it',
    usage: image,
    ...{ min: 1, max: any, flags: runFlags, ownWords: true, failure: 125 },
    load: () => import('../commands/run.js'),
  }),
  command('create', {
    summary: 'Create a container from an image without running it',
    usage: image,
    ...{ min: 1, max: any, flags: createFlags, ownWords: true },
    load: () => import('../commands/create.js'),
  }),
  command('start', {
    summary: 'Start stopped containers',
    usage: many,
    ...{ min: 1, max: any },
    flags: [
      { name: 'attach', short: 'a', type: 'boolean', description: 'Show the output until the container stops' },
      { name: 'interactive', short: 'i', type: 'boolean', description: 'Pass on standard input' },
      keys,
      ...refusedByStart,
    ],
    load: () => import('../commands/start.js'),
  }),
  command('attach', {
    summary: 'Attach to the input and output of a running container',
    usage: 'CONTAINER',
    ...{
      min: 1,
      max: 1,
      flags: [{ name: 'no-stdin', type: 'boolean', description: 'Do not pass on standard input' }, keys, proxy],
    },
    load: () => import('../commands/attach.js'),
  }),
  command('exec', {
    summary: 'Run another program in a running container',
    usage: 'CONTAINER COMMAND [ARG...]',
    ...{ min: 2, max: any, flags: execFlags, ownWords: true },
    load: () => import('../commands/exec.js'),
  }),
  command('wait', {
    summary: 'Wait until containers stop, then print their exit codes',
    usage: many,
    ...{ min: 1, max: any, flags: [] },
    load: () => import('../commands/wait.js'),
  }),
];

const ending: readonly EngineCommand[] = [
  command('stop', {
    summary: 'Stop containers with SIGTERM, then SIGKILL after a timeout',
    usage: many,
    ...{ min: 1, max: any, flags: [time, signal] },
    load: () => import('../commands/stop.js'),
  }),
  command('restart', {
    summary: 'Stop containers and start them again',
    usage: many,
    ...{ min: 1, max: any, flags: [time, signal] },
    load: () => import('../commands/restart.js'),
  }),
  command('kill', {
    summary: 'Send a signal to containers (default: SIGKILL)',
    usage: many,
    ...{ min: 1, max: any, flags: [signal] },
    load: () => import('../commands/kill.js'),
  }),
  command('rm', {
    aliases: ['container remove'],
    summary: 'Remove containers',
    usage: many,
    ...{ min: 1, max: any },
    flags: [
      { name: 'force', short: 'f', type: 'boolean', description: 'Kill running containers first' },
      { name: 'volumes', short: 'v', type: 'boolean', description: 'Also remove their anonymous volumes' },
      ...refusedByRemove,
    ],
    load: () => import('../commands/rm.js'),
  }),
];

const changing: readonly EngineCommand[] = [
  command('pause', {
    summary: 'Suspend all processes of containers',
    usage: many,
    ...{ min: 1, max: any, flags: [] },
    load: () => import('../commands/pause.js'),
  }),
  command('unpause', {
    summary: 'Resume paused containers',
    usage: many,
    ...{ min: 1, max: any, flags: [] },
    load: () => import('../commands/unpause.js'),
  }),
  command('rename', {
    summary: 'Rename a container',
    usage: 'CONTAINER NEW_NAME',
    ...{ min: 2, max: 2, flags: [] },
    load: () => import('../commands/rename.js'),
  }),
  command('update', {
    summary: 'Change the limits of containers',
    usage: many,
    ...{ min: 1, max: any, flags: updateFlags },
    load: () => import('../commands/update.js'),
  }),
];

const called: readonly EngineCommand[] = [
  {
    name: 'container cleanup',
    aliases: [],
    summary: 'Update the record of a stopped container',
    usage: 'CONTAINER',
    ...{ min: 1, max: 1, flags: [], hidden: true },
    load: () => import('../commands/cleanup.js'),
  },
  {
    name: 'container monitor',
    aliases: [],
    summary: 'Run the health checks of a container',
    usage: 'CONTAINER',
    ...{ min: 1, max: 1, flags: [], hidden: true },
    load: () => import('../commands/monitor.js'),
  },
];

export const containerCommands: readonly EngineCommand[] = [...running, ...ending, ...changing, ...called];
