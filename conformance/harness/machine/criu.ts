// Whether criu can work on this kernel at all.
import { spawnSync } from 'node:child_process';

/** Why nothing can be checkpointed here, or false. */
export function checkCriu(): string | false {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const checked = spawnSync('criu', ['check'], { encoding: 'utf8', env: { ...process.env, PATH: path }, timeout: 60_000 });
  if (checked.error !== undefined) return 'criu is not installed';
  const reason = checked.stderr.split('\n').filter((line) => line.includes('Error'));
  return checked.status === 0 ? false : `criu cannot work on this kernel: ${reason[0] ?? checked.stderr.trim()}`;
}
