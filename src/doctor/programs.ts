// Programs that the runtime calls for some commands: criu, systemd.
import { findHelper } from '../cgroup/systemd.js';
import { findProgram } from '../container/programs.js';
import { gatherFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import { type Check, checked } from './check.js';

const checkMs = 30_000;

function checkCriu(host: Host): Check {
  const path = findProgram(host, 'criu');
  const words = { area: 'programs', name: 'criu', lost: 'checkpoint and restore' } as const;
  if (path === undefined) return checked({ ...words, remedy: 'install the package criu' }, false);
  const run = (argument: string) => host.runProgram({ path, args: [path, argument], env: null, stdin: '', timeoutMs: checkMs });
  const version = /Version: (\S+)/.exec(run('--version').output)?.[1] ?? 'unknown version';
  const remedy = 'install a newer criu: a newer kernel requires one';
  if (host.euid !== 0) return checked({ ...words, remedy: 'run doctor as root to check it' }, 'unknown', `${path} ${version}`);
  const { exitCode, output } = run('check');
  const reason = output.split('\n').find((line) => line.includes('Error')) ?? '';
  return checked({ ...words, remedy }, exitCode === 0, `${path} ${version}${exitCode === 0 ? '' : `: ${reason.trim()}`}`);
}

export function checkPrograms(host: Host): Check[] {
  const { systemd } = gatherFacts(host);
  const lost = '--systemd-cgroup';
  const helper = findHelper(host);
  const area = 'programs';
  return [
    checkCriu(host),
    checked({ area, name: 'systemd', lost, remedy: 'boot with systemd as process 1' }, systemd.running),
    checked(
      { area, name: 'pocker-systemd', lost, remedy: 'build with libsystemd, and put it next to the runtime' },
      helper !== undefined,
      helper,
    ),
  ];
}
