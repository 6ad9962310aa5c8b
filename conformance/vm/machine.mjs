// Boots the machine for one command: qemu's arguments, and the job folder by which host and guest speak to each other.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { find, run } from '../../scripts/run.mjs';
import { packInitrd } from './initrd.mjs';
import { prepareKernel } from './kernel.mjs';

const guest = fileURLToPath(new URL('guest', import.meta.url));

/** Exit code when the command did not come to its end. */
const noResult = 125;

export const layouts = ['v2', 'v1', 'hybrid'];

/** Emulation works everywhere; a /dev/kvm that is there need not work, as inside another virtual machine. */
export const accelerators = { tcg: 'tcg,thread=multi', kvm: 'kvm' };

const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** A folder shared by 9p; `tag` is its name for mount(8). */
function share(tag, path, readonly = false) {
  // multidevs: files of several file systems are told apart.
  const options = ['local', `path=${path}`, `mount_tag=${tag}`, 'security_model=none', 'multidevs=remap'];
  return ['-virtfs', [...options, ...(readonly ? ['readonly=on'] : [])].join(',')];
}

/** Read by the guest's scripts: what is where, and the command itself. */
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
  // The kernel's own messages go to a file, so that what the command prints is all there is to see.
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

/** Runs qemu until the guest has switched itself off, at most `timeout` seconds. */
async function runQemu(args, timeout) {
  // A standard input that ended would close the port that the guest writes its output to.
  const child = spawn('qemu-system-x86_64', args, { stdio: ['pipe', 'inherit', 'pipe'] });
  const errors = [];
  child.stderr.on('data', (data) => errors.push(data));
  const kill = () => child.kill('SIGKILL');
  const timer = setTimeout(kill, timeout * 1000);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, kill);
  const ended = await new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code, signal }));
  });
  clearTimeout(timer);
  return { ...ended, errors: Buffer.concat(errors).toString() };
}

function explain({ code, signal, errors }, log, timeout) {
  const how = signal === null ? `qemu ended with exit code ${code}` : `it was stopped; the time limit is ${timeout} s`;
  const last = log.split('\n').slice(-30).join('\n');
  process.stderr.write(`the virtual machine did not finish: ${how}\n${errors}${last}\n`);
}

/** Boots, runs the command, switches off; the command's exit code. */
export async function boot({ console: showConsole, timeout, share: folders, ...options }) {
  const kernel = prepareKernel();
  const job = mkdtempSync(join(tmpdir(), 'pocker-vm-'));
  try {
    const shares = folders.map((path) => realpathSync(path));
    const work = join(job, 'initrd.d');
    mkdirSync(work);
    packInitrd(kernel, guest, { work, file: join(job, 'initrd') });
    makeDisk(join(job, 'disk'));
    writeJob(job, kernel, { ...options, shares });
    const ended = await runQemu(qemuArguments(job, kernel, { ...options, shares }), timeout);
    const read = (name) => (existsSync(join(job, name)) ? readFileSync(join(job, name), 'utf8') : '');
    if (showConsole) process.stderr.write(read('console.log'));
    const status = read('status');
    if (status !== '') return Number(status);
    explain(ended, read('console.log'), timeout);
    return noResult;
  } finally {
    rmSync(job, { recursive: true, force: true });
  }
}
