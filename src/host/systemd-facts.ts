// What resolve() may know about systemd, found in files without talking to systemd.
import { isGone } from './failure.js';
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

/** In the user namespace around ours, whose ids systemd knows (user_namespaces(7)). */
export function outerUid(map: string, uid: number): number {
  for (const line of map.split('\n')) {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    if (uid >= inside && uid < inside + count) return outside + uid - inside;
  }
  return uid;
}

/** From our own cgroup: below a user's slice, that user's manager; elsewhere, the manager of the user that we are. */
export function userManagerCgroup(text: string, uid: number): { cgroup: string; below: boolean } {
  const own = unitCgroup(text);
  const [slice, user = String(uid)] = /^.*?\/user-(\d+)\.slice(?=\/|$)/.exec(own) ?? [`/user.slice/user-${uid}.slice`];
  const cgroup = `${slice}/user@${user}.service`;
  return { cgroup, below: own.startsWith(`${cgroup}/`) };
}

function uidOutside(host: Host): number {
  try {
    return outerUid(host.readText('/proc/self/uid_map', smallFile), host.euid);
  } catch (caught) {
    // A kernel without user namespaces does not have this file.
    if (isGone(caught)) return host.euid;
    throw caught;
  }
}

export function gatherSystemd(host: Host): SystemdFacts {
  // sd_booted(3)
  const running = host.lstat('/run/systemd/system') !== null;
  const own = userManagerCgroup(host.readText('/proc/self/cgroup', smallFile), uidOutside(host));
  const cgroup = running ? managerCgroup(host.readText('/proc/1/cgroup', smallFile)) : '';
  return { running, cgroup, userCgroup: own.cgroup, ofUser: own.below };
}
