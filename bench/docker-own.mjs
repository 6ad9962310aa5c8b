// The bench's own dockerd and containerd, with a busybox image made here: no registry is asked, and a dockerd of this
// machine is left alone.
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { find, output, run } from '../scripts/run.mjs';
import { cgroupsNamed } from './residents.mjs';

const startTries = 300;

/** The machine's busybox as a tar file in `directory`. */
export function makeImage(directory) {
  const place = (...parts) => join(directory, ...parts);
  mkdirSync(place('rootfs/bin'), { recursive: true });
  copyFileSync(find('busybox') ?? '/bin/busybox', place('rootfs/bin/busybox'));
  chmodSync(place('rootfs/bin/busybox'), 0o755);
  for (const program of ['sh', 'true', 'sleep']) symlinkSync('busybox', place('rootfs/bin', program));
  for (const folder of ['etc', 'proc', 'sys', 'dev', 'tmp']) mkdirSync(place('rootfs', folder));
  run('tar', ['-C', place('rootfs'), '-cf', place('image.tar'), '.']);
  return place('image.tar');
}

/**
 * Its containers are in `cgroup`. `before`: a program to start it with. Gives the flags of its client, and `close`, which leaves its
 * directories. Undefined: docker is not installed.
 */
export async function startDocker({ data, exec, settings, cgroup, before = [] }) {
  const client = find('docker');
  if (client === undefined || find('dockerd') === undefined) return undefined;
  mkdirSync(data, { recursive: true });
  const place = (name) => join(data, name);
  const host = ['--host', `unix://${place('docker.sock')}`];
  const places = ['--data-root', place('data'), '--exec-root', exec ?? place('exec'), '--pidfile', place('docker.pid')];
  const usual = ['--storage-driver', 'overlay2', '--cgroup-parent', `/${cgroup}`];
  const [program, ...args] = [...before, 'dockerd', ...host, ...places, ...usual, ...settings];
  const daemon = spawn(program, args, { stdio: 'ignore' });
  const end = new Promise((done) => daemon.once('exit', done));
  const close = async () => {
    daemon.kill('SIGTERM');
    await end;
  };
  const flags = ['--config', place('client'), ...host];
  for (let tries = 0; output(client, [...flags, 'version']) === null; ++tries) {
    if (tries === startTries || daemon.exitCode !== null) {
      await close();
      throw new Error('dockerd does not answer');
    }
    await sleep(100);
  }
  return { client, flags, close };
}

/** In namespaces of its own, so that the machine's rules and mounts stay as they are. `run`: what to call for one /bin/true. */
export async function ownDocker(directory, cgroup) {
  const before = ['unshare', '--mount', '--net', '--propagation', 'private'];
  const clear = () => {
    for (const path of cgroupsNamed(cgroup)) rmdirSync(path);
    rmSync(directory, { recursive: true, force: true });
  };
  const settings = ['--bridge', 'none', '--iptables=false'];
  const docker = await startDocker({ data: directory, settings, cgroup, before }).catch((error) => {
    clear();
    throw error;
  });
  if (docker === undefined) return undefined;
  const { client, flags } = docker;
  const close = async () => {
    await docker.close();
    clear();
  };
  if (output(client, [...flags, 'import', makeImage(directory), 'busybox']) === null) {
    await close();
    throw new Error('docker import fails');
  }
  return { run: [client, [...flags, 'run', '--rm', '--network=none', 'busybox', '/bin/true']], close };
}
