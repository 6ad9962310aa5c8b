// The rehearsal of the build (addon/quickjs/rehearsal.h): the usual commands, on a machine that exists only in memory. What they read
// and write decides where it is in the snapshot. Evaluated after the runtime's own modules, and not part of any executable.
import { makeMachine } from './rehearsal/machine.js';
import type { Layout } from './rehearsal/machine.js';

/** bench/configs/, as text (scripts/bundle.mjs). */
declare const RUNC_CONFIG: string;
declare const DOCKER_CONFIG: string;

interface Engine {
  readonly host: Record<string, unknown>;
  readonly start: () => void;
  /** Starts the next command; false after the last. */
  rehearse: () => boolean;
}
const engine = globalThis as unknown as Engine;

let isRunning = false;
let errors = '';

function prepare(layout: Layout, config: string): void {
  // Without a terminal, as in the bench: nobody is there to receive it.
  const text = config.replace('"terminal": true', '"terminal": false');
  const machine = makeMachine(layout, { '/bundle/config.json': text, '/bundle/rootfs/bin/true': '' });
  for (const name of Object.keys(engine.host)) {
    engine.host[name] = () => {
      throw new Error(`host.${name} is not in src/rehearsal/machine.ts`);
    };
  }
  Object.assign(engine.host, machine, { pid: 99, euid: 0, egid: 0 });
  engine.host['write'] = (_fd: number, text: string) => {
    errors += text;
  };
  engine.host['exit'] = (code: number) => {
    isRunning = code !== (String(engine.host['args']).includes(failing) ? 1 : 0);
  };
}

/** A command with it fails: there is no such container. */
const failing = 'nobody';
const commands = [
  'create --bundle /bundle --pid-file /run/pid c',
  'state c',
  'start c',
  'exec --pid-file /run/pid c true',
  'kill c KILL',
  'delete c',
  `state ${failing}`,
  'run --bundle /bundle c',
];
/** As engines call them. */
const globals = '--root /run/states --log /run/log --log-format json ';
const scenes: [Layout, string, string][] = [];
for (const [layout, config] of [
  ['v1', RUNC_CONFIG],
  ['v1', DOCKER_CONFIG],
  ['v2', RUNC_CONFIG],
  ['v2', DOCKER_CONFIG],
] as const) {
  for (const command of commands) scenes.push([layout, config, config === DOCKER_CONFIG ? globals + command : command]);
}

engine.rehearse = () => {
  if (isRunning) throw new Error(`rehearsal of ${String(engine.host['args'])}: ${errors}`);
  const [layout, config, command] = scenes.shift() ?? ['v1', '', ''];
  if (command === '') return false;
  if (/\b(create|run) /.test(command)) prepare(layout, config);
  engine.host['args'] = command.split(' ');
  isRunning = true;
  errors = '';
  engine.start();
  return true;
};
