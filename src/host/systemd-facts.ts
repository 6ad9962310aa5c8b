// What resolve() may know about systemd, found in files without talking to systemd.
import type { SystemdFacts } from './host-facts.js';
import type { Host } from './host.js';

const smallFile = 65_536;

/** The line of /proc/PID/cgroup for the hierarchy that holds systemd's units: its own one of v1, or else that of v2. */
function unitCgroup(text: string): string {
  const line = /^\d+:name=systemd:(.*)$/m.exec(text) ?? /^0::(.*)$/m.exec(text);
  return line?.[1] ?? '/';
}

/** Process 1 lives in init.scope, beside the slices. */
export function managerCgroup(text: string): string {
  return unitCgroup(text)
    .replace(/\/init\.scope$/, '')
    .replace(/\/$/, '');
}

/** From our own cgroup: below a user's slice, that user's manager; elsewhere, the manager of the user that we are. */
export function userManagerCgroup(text: string, uid: number): { cgroup: string; below: boolean } {
  const own = unitCgroup(text);
  const [slice, user = String(uid)] = /^.*?\/user-(\d+)\.slice(?=\/|$)/.exec(own) ?? [`/user.slice/user-${uid}.slice`];
  const cgroup = `${slice}/user@${user}.service`;
  return { cgroup, below: own.startsWith(`${cgroup}/`) };
}

export function gatherSystemd(host: Host): SystemdFacts {
  // sd_booted(3)
  const running = host.lstat('/run/systemd/system') !== null;
  const own = userManagerCgroup(host.readText('/proc/self/cgroup', smallFile), host.euid);
  const cgroup = running ? managerCgroup(host.readText('/proc/1/cgroup', smallFile)) : '';
  return { running, cgroup, userCgroup: own.cgroup, ofUser: own.below };
}
