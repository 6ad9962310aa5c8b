// Root filesystems of busybox.
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const applets = spawnSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n');

let made: string | undefined;

/**
 * A directory with a symbolic link for each applet, made once. Linking these into a root filesystem takes no inodes: making
 * hundreds of them for each container took longer than everything else in a case.
 */
function appletLinks(): string {
  if (made !== undefined) return made;
  const directory = mkdtempSync(join(tmpdir(), 'pkr-applets-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  for (const applet of applets) symlinkSync('busybox', join(directory, applet));
  made = directory;
  return directory;
}

/** Makes a root filesystem of busybox. `program` is a copy of it, because a container may write to its own. */
export function makeRootfs(path: string, program: string): void {
  for (const directory of ['bin', 'dev', 'proc', 'sys', 'tmp', 'etc', 'root'])
    mkdirSync(join(path, directory), { recursive: true });
  chmodSync(join(path, 'tmp'), 0o1777);
  linkSync(program, join(path, 'bin', 'busybox'));
  const links = appletLinks();
  for (const applet of applets) if (applet !== 'busybox') linkSync(join(links, applet), join(path, 'bin', applet));
}
