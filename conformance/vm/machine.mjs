// Boots the machine for one command: qemu's arguments, and the job folder through which host and guest communicate.
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, find, run } from '../../scripts/run.mjs';
import { packInitrd } from './initrd.mjs';
import { prepareKernel } from './kernel.mjs';

const guest = fileURLToPath(new URL('guest', import.meta.url));

/** Exit codes if the command did not finish: the machine ended or took too long, or it fell silent. */
const noResult = 125;
export const hung = 124;

export const layouts = ['v2', 'v1', 'hybrid'];

/** Emulation works everywhere; an existing /dev/kvm need not work, for instance inside another virtual machine. */
export const accelerators = { tcg: 'tcg,thread=multi', kvm: 'kvm' };

const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** A folder shared through 9p; `tag` is its name for mount(8). */
function share(tag, path, readonly = false) {
  // multidevs: keeps files of several file systems apart.
  const options = ['local', `path=${path}`, `mount_tag=${tag}`, 'security_model=none', 'multidevs=remap'];
  return ['-virtfs', [...options, ...(readonly ? ['readonly=on'] : [])].join(',')];
}

/** Read by the guest's scripts: where things are, and the command itself. */
function writeJob(job, kernel, { command, shares, cgroups }) {
  const settings = { JOB: job, MODULES: join(kernel.folder, 'lib/modules'), SHARES: shares.join('\n'), CGROUPS: cgroups };
  const lines = Object.entries({ ...settings, GUEST: guest }).map(([name, value]) => `${name}=${quote(value)}\n`);
  writeFileSync(join(job, 'settings'), lines.join(''));
  const environment = {
    PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    TERM: 'dumb',
    TMPDIR: '/scratch',
  };
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  writeFileSync(join(job, 'command'), `${exports.join('')}cd ${quote(process.cwd())}\n${command.map(quote).join(' ')}\n`);
}

function qemuArguments(job, kernel, { shares, memory, cpus, append, init, accel }) {
  // The kernel's own messages go to a file, so that only the command's output is shown.
  const console = ['-serial', `file:${job}/console.log`];
  const output = ['-device', 'virtio-serial-pci', '-chardev', 'stdio,id=output,signal=off'];
  const port = ['-device', 'virtserialport,chardev=output,name=output'];
  const parameters = ['console=ttyS0', 'panic=-1', 'apparmor=1', 'security=apparmor'];
  const own = [`pocker.job=${job}`, `pocker.init=${guest}/${init}.sh`];
  return [
    ...['-accel', accelerators[accel], '-cpu', 'max', '-smp', cpus, '-m', memory],
    ...['-nodefaults', '-display', 'none', '-monitor', 'none', '-no-reboot', '-nic', 'none'],
    ...['-kernel', kernel.image, '-initrd', join(job, 'initrd'), '-append', [...parameters, ...own, append].join(' ')],
    ...[...console, ...output, ...port],
    ...['-drive', `file=${join(job, 'disk')},format=raw,if=virtio,cache=unsafe`],
    ...share('root', '/', true),
    ...share('job', job),
    ...shares.flatMap((path, index) => share(`share${index}`, path)),
  ];
}

/** The guest's own disk, empty. */
function makeDisk(file) {
  writeFileSync(file, '');
  truncateSync(file, 4 * 1024 ** 3);
  run(find('mkfs.ext4'), ['-q', '-O', '^has_journal', file]);
}

/** How much the guest has written so far: to its console, and to the files it shares with us. */
function written(job, shares) {
  const files = shares.flatMap((path) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile()));
  const paths = [join(job, 'console.log'), ...files.map(({ parentPath, path, name }) => join(parentPath ?? path, name))];
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Calls `end` if nothing has changed for `silence` seconds. Returns a function that stops the watch. */
function watchSilence(state, silence, end) {
  let before = -1;
  let since = Date.now();
  const timer = setInterval(() => {
    const now = state();
    if (now !== before) since = Date.now();
    before = now;
    if (Date.now() - since > silence * 1000) end();
  }, 5000);
  return () => clearInterval(timer);
}

/** Runs qemu until the guest switches itself off, for at most `timeout` seconds, and `silence` seconds without a sign of life. */
async function runQemu(args, { timeout, silence, job, shares }) {
  // If standard input ended, the port that the guest writes its output to would close.
  const child = spawn('qemu-system-x86_64', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors = [];
  let shown = 0;
  let isHung = false;
  let asked = false;
  child.stdout.on('data', (data) => {
    shown += data.length;
    process.stdout.write(data);
  });
  child.stderr.on('data', (data) => errors.push(data));
  const kill = () => child.kill('SIGKILL');
  const timer = setTimeout(kill, timeout * 1000);
  const stopWatch = watchSilence(
    () => shown + written(job, shares),
    silence,
    () => {
      isHung = true;
      kill();
    },
  );
  const end = () => {
    asked = true;
    kill();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);
  const ended = await new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code, signal }));
  });
  clearTimeout(timer);
  stopWatch();
  return { ...ended, isHung, asked, errors: Buffer.concat(errors).toString() };
}

function explain({ code, signal, isHung, errors }, log, { timeout, silence }) {
  const stopped = isHung ? `it hung, without a word for ${silence} s` : `it was stopped; the time limit is ${timeout} s`;
  const how = signal === null ? `qemu ended with exit code ${code}` : stopped;
  const last = log.split('\n').slice(-30).join('\n');
  process.stderr.write(`the virtual machine did not finish: ${how}\n${errors}${last}\n`);
}

/**
 * Boots, runs the command and switches off; returns the command's exit code. `silence`: if the guest has written nothing to its
 * console, its output or a shared folder for that many seconds, it is killed.
 */
export async function boot({ console: showConsole, timeout, silence, share: folders, ...options }) {
  const kernel = prepareKernel();
  const job = mkdtempSync(join(tmpdir(), 'pocker-vm-'));
  try {
    const shares = folders.map((path) => realpathSync(path));
    const work = join(job, 'initrd.d');
    mkdirSync(work);
    packInitrd(kernel, guest, { work, file: join(job, 'initrd') });
    makeDisk(join(job, 'disk'));
    writeJob(job, kernel, { ...options, shares });
    const ended = await runQemu(qemuArguments(job, kernel, { ...options, shares }), { timeout, silence, job, shares });
    const read = (name) => (existsSync(join(job, name)) ? readFileSync(join(job, name), 'utf8') : '');
    if (ended.asked) {
      rmSync(job, { recursive: true, force: true });
      fail('the virtual machine was ended by a signal');
    }
    if (showConsole) process.stderr.write(read('console.log'));
    const status = read('status');
    if (status !== '') return Number(status);
    explain(ended, read('console.log'), { timeout, silence });
    return ended.isHung ? hung : noResult;
  } finally {
    rmSync(job, { recursive: true, force: true });
  }
}
