// Containers in systemd scopes: shared by the cases of --systemd-cgroup.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Box } from '../box.js';
import { test, type CaseOptions, type Tap } from '../case.js';
import { layout } from '../machine/cgroup.js';
import type { Config } from '../config.js';
import type { Container, VerbOptions } from '../container.js';
import { systemdRuns } from '../machine/units.js';

export const v2 = layout === 'v2';

/** Only for create: the other commands know it. */
export const driver: VerbOptions = { globals: ['--systemd-cgroup'] };

/** A container that sleeps, in the scope pkr-NAME.scope. */
export function scoped(box: Box, change: (config: Config) => void = () => undefined, slice = 'system.slice'): Container {
  return box.container((config) => {
    config.process.args = ['sleep', '600'];
    config.linux.cgroupsPath = `${slice}:pkr:${(config.linux.cgroupsPath ?? '').slice(1)}`;
    change(config);
  });
}

export const unitOf = ({ cgroupsPath }: Container): string => `${cgroupsPath.split(':').slice(1).join('-')}.scope`;

export function systemctl(...args: string[]): string {
  return execFileSync('systemctl', args, { encoding: 'utf8' }).trim();
}

/** Properties of the container's unit, as `systemctl show` prints them. */
export function show(container: Container, ...names: string[]): Record<string, string> {
  const lines = systemctl('show', unitOf(container), ...names.map((name) => `--property=${name}`)).split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** Where the container's process is in systemd's unit hierarchy. */
export async function cgroupOf(container: Container): Promise<string> {
  const { pid } = await container.state();
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  const line = lines.find((one) => one.includes(':name=systemd:')) ?? lines.find((one) => one.startsWith('0::')) ?? '';
  return line.slice(line.lastIndexOf(':') + 1);
}

/** A case for a machine whose process 1 is systemd. */
export function check(name: string, body: (t: Tap, box: Box) => Promise<void>, options: CaseOptions = {}): void {
  test(name, body, systemdRuns ? options : { ...options, skip: 'systemd is not process 1 here' });
}
