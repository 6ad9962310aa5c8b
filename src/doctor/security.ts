// Security modules, seccomp, and the ids that are available to user namespaces.
import { findProgram } from '../container/programs.js';
import { gatherFacts } from '../host/facts.js';
import type { Host } from '../host/host.js';
import { type Check, checked } from './check.js';

const smallFile = 1024 * 1024;

function readLines(host: Host, path: string): string[] {
  return host.lstat(path) === null ? [] : host.readText(path, smallFile).split('\n');
}

export function checkSecurity(host: Host): Check[] {
  const { apparmor, selinux } = gatherFacts(host);
  const seccomp = readLines(host, '/proc/self/status').some((line) => line.startsWith('Seccomp:'));
  const area = 'security';
  return [
    checked(
      { area, name: 'seccomp', lost: 'linux.seccomp', remedy: 'use a kernel with CONFIG_SECCOMP_FILTER' },
      seccomp,
      `libseccomp ${host.seccompVersion()}`,
    ),
    checked({ area, name: 'AppArmor', lost: 'process.apparmorProfile', remedy: 'boot with security=apparmor' }, apparmor !== ''),
    checked(
      { area, name: 'SELinux', lost: 'process.selinuxLabel, linux.mountLabel', remedy: 'boot with security=selinux' },
      selinux,
    ),
  ];
}

/** The number of ids that subuid(5) gives a user, by name or number. */
function idsOf(host: Host, path: string, names: readonly string[]): number {
  return readLines(host, path)
    .map((line) => line.split(':'))
    .filter(([name = '']) => names.includes(name))
    .reduce((sum, [, , count]) => sum + Number(count ?? 0), 0);
}

/** The number of ids that an image with a whole range of ids needs. */
const usualIds = 65_536;

/** An ordinary user gets ids other than its own only from /etc/subuid, through newuidmap(1). */
export function checkIds(host: Host): Check[] {
  if (host.euid === 0) return [];
  const line = readLines(host, '/etc/passwd').find((one) => one.split(':')[2] === String(host.euid));
  const user = line?.split(':')[0] ?? String(host.euid);
  const lost = 'more than one id in a container of this user';
  const ranges = ['/etc/subuid', '/etc/subgid'].map((path) => {
    const count = idsOf(host, path, [user, String(host.euid)]);
    const remedy = `usermod --add-${path === '/etc/subuid' ? 'subuids' : 'subgids'} 100000-165535 ${user}`;
    return checked({ area: 'ids', name: path, lost, remedy }, count >= usualIds, `${count} ids for ${user}`);
  });
  const programs = ['newuidmap', 'newgidmap'].map((name) => {
    const path = findProgram(host, name);
    const remedy = 'install the package uidmap (Debian) or shadow-utils';
    return checked({ area: 'ids', name, lost, remedy }, path !== undefined, path);
  });
  const refused = readLines(host, '/proc/sys/kernel/unprivileged_userns_clone')[0] === '0';
  const remedy = 'sysctl kernel.unprivileged_userns_clone=1';
  const own = checked(
    { area: 'ids', name: 'own user namespaces', required: true, lost: 'containers without root', remedy },
    !refused,
  );
  return [...ranges, ...programs, own];
}
