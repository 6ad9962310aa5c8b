// Takes a busybox container through its life: every command, its output, and how long it takes. Then pocker runs a shell in one.
//   node scripts/demo/demo.mjs
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoPocker } from './pocker.mjs';
import { fail, output, root } from '../run.mjs';

const standalone = join(root, 'dist/pocker-runc');
const runtime = existsSync(standalone) ? standalone : join(root, 'dist/node/pocker-runc');
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
if (busybox === undefined) fail('there is no busybox: install busybox-static');

const directory = mkdtempSync(join(tmpdir(), 'pocker-demo-'));
const id = `demo-${process.pid}`;
const state = join(directory, 'state');
/** What the container prints, and what other commands print. A file, because a container would hold a pipe open. */
const printed = join(directory, 'container.out');
const log = join(directory, 'commands.out');

function makeBundle() {
  const rootfs = join(directory, 'rootfs');
  for (const name of ['bin', 'dev', 'proc', 'sys', 'tmp', 'etc']) mkdirSync(join(rootfs, name), { recursive: true });
  copyFileSync(busybox, join(rootfs, 'bin/busybox'));
  for (const applet of ['sh', 'echo', 'sleep', 'hostname', 'id', 'ps', 'ls', 'cat', 'grep'])
    symlinkSync('busybox', join(rootfs, 'bin', applet));
  const flags = process.getuid() === 0 ? [] : ['--rootless'];
  const made = spawnSync(runtime, ['spec', '--bundle', directory, ...flags], { encoding: 'utf8' });
  if (made.status !== 0) fail(made.error?.message ?? made.stderr);
  const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
  config.process.terminal = false;
  config.process.env.push('GREETING=hello from a container');
  config.process.args = [
    'sh',
    '-c',
    'echo "$GREETING on $(hostname), which sees these processes:"; ps; echo "that is all"; sleep 1000',
  ];
  config.linux.resources = { ...config.linux.resources, memory: { limit: 64 * 1024 * 1024 }, pids: { limit: 20 } };
  if (process.getuid() !== 0) delete config.linux.resources;
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config, undefined, 2));
}

function say(text) {
  process.stdout.write(text);
}

const indent = (text) => text.replace(/^(?=.)/gm, '  ');

function step(...args) {
  const file = args[0] === 'create' ? printed : log;
  writeFileSync(file, '');
  const begin = process.hrtime.bigint();
  const { status } = spawnSync(runtime, ['--root', state, ...args], {
    stdio: ['ignore', openSync(file, 'a'), openSync(file, 'a')],
    timeout: 30_000,
  });
  const milliseconds = Number(process.hrtime.bigint() - begin) / 1e6;
  say(`\n$ pocker-runc ${args.join(' ').replace(directory, 'BUNDLE')}    (${milliseconds.toFixed(1)} ms)\n`);
  say(indent(readFileSync(file, 'utf8')));
  if (status !== 0) fail(`this should have worked: exit code ${status}`);
}

function showOutput() {
  for (let tries = 0; tries < 100 && !readFileSync(printed, 'utf8').includes('that is all'); tries++)
    spawnSync('sleep', ['0.02']);
  say(`\nwhat the container prints:\n${indent(readFileSync(printed, 'utf8'))}`);
}

function waitForEnd() {
  for (let tries = 0; tries < 500; tries++) {
    if (/"status": "stopped"/.test(output(runtime, ['--root', state, 'state', id]) ?? '')) return;
    spawnSync('sleep', ['0.01']);
  }
  fail('the container did not stop');
}

try {
  makeBundle();
  say(`the bundle: ${directory} (config.json, rootfs/ with busybox)\n`);
  step('create', '--bundle', directory, id);
  step('state', id);
  step('start', id);
  showOutput();
  step('state', id);
  step('kill', id, 'KILL');
  waitForEnd();
  step('state', id);
  step('delete', id);
  step('list');
  demoPocker(directory, join(directory, 'rootfs'), say);
  say('\ndone: nothing is left behind.\n');
} finally {
  spawnSync(runtime, ['--root', state, 'delete', '--force', id]);
  rmSync(directory, { recursive: true, force: true });
}
