// systemd units, if systemd is the machine's process 1.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export const systemdRuns = existsSync('/run/systemd/system');

/** Scopes and slices whose name contains `name`, in any state. */
export function unitsNamed(name: string): string[] {
  if (!systemdRuns) return [];
  const args = ['list-units', '--all', '--plain', '--no-legend', '--type=scope,slice', `*${name}*`];
  const { stdout } = spawnSync('systemctl', args, { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((unit) => unit !== '');
}
