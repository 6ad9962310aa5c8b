// The guest's initial file system: busybox, guest/init, and the modules needed to reach the real root.
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail, find, output, run } from '../../scripts/run.mjs';

const modules = ['virtio_pci', 'virtio_console', '9pnet_virtio', '9p', 'overlay'];

/** Paths of the modules and their dependencies, in load order. */
function moduleFiles({ folder, release }) {
  const args = ['--dirname', folder, '--set-version', release, '--show-depends', '--all', ...modules];
  const text = output(find('modprobe'), args) ?? fail('modprobe does not find the modules of the kernel');
  const files = [...text.matchAll(/^insmod (\S+)/gm)].map(([, file]) => file);
  return [...new Set(files)];
}

/** Packs it into `file`, using `work` for intermediate files. */
export function packInitrd(kernel, guest, { work, file }) {
  for (const folder of ['bin', 'dev', 'proc', 'sys', 'modules', 'lower', 'rw', 'root']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  copyFileSync(['/bin/busybox', '/usr/bin/busybox'].find(existsSync), join(work, 'bin/busybox'));
  copyFileSync(join(guest, 'init'), join(work, 'init'));
  for (const program of ['bin/busybox', 'init']) chmodSync(join(work, program), 0o755);
  const files = moduleFiles(kernel);
  for (const path of files) copyFileSync(path, join(work, 'modules', basename(path)));
  writeFileSync(join(work, 'modules/order'), files.map((path) => `${basename(path)}\n`).join(''));
  run('sh', ['-c', 'find . | cpio --create --format=newc --quiet | gzip -1 > "$1"', 'sh', file], { cwd: work });
}
