// What the machine needs: qemu and Debian's kernel, both from apt-get; the kernel is unpacked into the user's cache.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fail, find, output, run } from '../../scripts/run.mjs';
import { installPackages } from '../../scripts/packages.mjs';

const packages = [
  { name: 'qemu-system-x86', programs: ['qemu-system-x86_64'] },
  { name: 'busybox-static', files: ['/bin/busybox', '/usr/bin/busybox'] },
  { name: 'cpio', programs: ['cpio'] },
  { name: 'e2fsprogs', programs: ['mkfs.ext4'] },
  { name: 'kmod', programs: ['depmod', 'modprobe'] },
];

const cache = join(process.env['XDG_CACHE_HOME'] || join(process.env['HOME'] || '/root', '.cache'), 'pocker-runc');

/** Why the machine cannot run here, or null. */
export function obstacle() {
  if (process.arch !== 'x64') return `the virtual machine is for x86-64, this is ${process.arch}`;
  if (find('apt-get') === undefined) return 'the virtual machine gets its kernel from Debian, with apt-get';
  const mayInstall = process.getuid() === 0 || find('sudo') !== undefined;
  return mayInstall || find('qemu-system-x86_64') !== undefined ? null : 'qemu is not installed';
}

/** KVM if this machine has it. In another virtual machine, /dev/kvm may exist but run nothing: the processor lacks the flag. */
export function accelerator() {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return 'tcg';
  }
  return /^flags\s*:.*\s(vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')) ? 'kvm' : 'tcg';
}

function packageName() {
  const depends = () => /Depends: (linux-image-\S+)/.exec(output('apt-cache', ['depends', 'linux-image-amd64']) ?? '')?.[1];
  if (depends() === undefined) run('apt-get', ['update', '-q']);
  return depends() ?? fail('apt-get knows no linux-image-amd64: the virtual machine needs Debian');
}

function download(name, folder) {
  process.stderr.write(`downloading ${name}\n`);
  run('apt-get', ['download', '-q', name], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
  run('dpkg-deb', ['-x', archive, '.'], { cwd: folder });
  rmSync(join(folder, archive));
  run(find('depmod'), ['-b', '.', releaseIn(folder)], { cwd: folder });
}

function releaseIn(folder) {
  const image = readdirSync(join(folder, 'boot')).find((file) => file.startsWith('vmlinuz-'));
  return image.slice('vmlinuz-'.length);
}

/** Installs and downloads what is missing; returns where the kernel is. */
export function prepareKernel() {
  installPackages(packages);
  const folder = join(cache, 'kernel');
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const draft = mkdtempSync(join(cache, 'kernel-'));
    download(packageName(), draft);
    // Renamed as a whole or not at all: others may be making the same.
    if (existsSync(folder)) rmSync(draft, { recursive: true });
    else renameSync(draft, folder);
  }
  const release = releaseIn(folder);
  return { folder, release, image: join(folder, 'boot', `vmlinuz-${release}`) };
}
