// Root filesystems of busybox.
import { chmodSync, linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const applets = spawnSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n');

/** Makes a root filesystem of busybox. `program` is a copy of it, because a container may write to its own. */
export function makeRootfs(path: string, program: string): void {
  for (const directory of ['bin', 'dev', 'proc', 'sys', 'tmp', 'etc', 'root'])
    mkdirSync(join(path, directory), { recursive: true });
  chmodSync(join(path, 'tmp'), 0o1777);
  linkSync(program, join(path, 'bin', 'busybox'));
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(path, 'bin', applet));
}
