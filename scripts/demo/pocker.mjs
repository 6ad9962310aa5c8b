// The end of the demo: the engine, pocker, from nothing to a shell in a container. Pulls the image, or makes one from Debian's busybox.
import { existsSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../run.mjs';

const standalone = join(root, 'dist/pocker');
const pocker = existsSync(standalone) ? standalone : join(root, 'dist/node/pocker');
const pullMs = 20_000;

/** `rootfs`: a directory with busybox in it. `say`: prints. */
export function demoPocker(directory, rootfs, say) {
  if (spawnSync('conmon', ['--version']).status !== 0) {
    say('\nThe engine, pocker, needs conmon: apt-get install conmon\n');
    return;
  }
  const place = ['--root', join(directory, 'pocker'), '--runroot', join(directory, 'pocker-run')];
  const run = (...args) => spawnSync(pocker, [...place, ...args], { encoding: 'utf8', timeout: pullMs });
  const show = (args, stdio) => {
    say(`\n$ pocker ${args.join(' ')}\n`);
    const begin = process.hrtime.bigint();
    const { status } = spawnSync(pocker, [...place, ...args], { stdio, timeout: stdio === 'inherit' ? undefined : pullMs });
    const milliseconds = Number(process.hrtime.bigint() - begin) / 1e6;
    // The user decides how the shell exits.
    if (status !== 0 && stdio !== 'inherit') throw new Error(`pocker ${args[0]} ended with ${status}`);
    if (stdio !== 'inherit') say(`(${milliseconds.toFixed(0)} ms)\n`);
  };
  const output = ['ignore', 'inherit', 'inherit'];
  try {
    if (run('pull', 'busybox').status === 0) say('\npulled the image busybox\n');
    else {
      const tar = join(directory, 'busybox.tar');
      spawnSync('tar', ['-C', rootfs, '-cf', tar, '.']);
      const { status, stderr } = run('import', '-c', 'CMD ["sh"]', '-c', 'ENV PATH=/bin', tar, 'busybox');
      if (status !== 0) throw new Error(`pocker import: ${stderr}`);
      say("\ncannot pull an image here: made one from this machine's busybox\n");
    }
    const none = ['run', '--rm', '--network', 'none'];
    show([...none, 'busybox', 'sh', '-c', 'echo "pid $$ on $(hostname)"'], output);
    show(['images'], output);
    if (process.stdin.isTTY && process.stdout.isTTY) {
      say("\na shell in a container; leave it with 'exit'\n");
      show(['run', '--rm', '-it', 'busybox', 'sh'], 'inherit');
    } else say('\n(in a terminal, this would end with: pocker run -it busybox sh)\n');
  } finally {
    run('system', 'prune', '--all', '--force');
    rmSync(join(directory, 'pocker'), { recursive: true, force: true });
  }
}
