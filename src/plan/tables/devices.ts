// Device nodes, links and device cgroup rules that every container gets: config-linux.md "Default Devices", runtime-linux.md.

/** S_IF* of mknod(2). */
export const deviceKinds: Readonly<Record<string, number>> = { c: 0o020000, u: 0o020000, b: 0o060000, p: 0o010000 };

export const defaultDevices: readonly { readonly path: string; readonly major: number; readonly minor: number }[] = [
  { path: '/dev/null', major: 1, minor: 3 },
  { path: '/dev/random', major: 1, minor: 8 },
  { path: '/dev/full', major: 1, minor: 7 },
  { path: '/dev/tty', major: 5, minor: 0 },
  { path: '/dev/zero', major: 1, minor: 5 },
  { path: '/dev/urandom', major: 1, minor: 9 },
];

/** Mode of a device that does not specify one. */
export const defaultDeviceMode = 0o666;

export const deviceLinks: readonly (readonly [path: string, target: string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
];

/** What is allowed in addition to the config's rules, in the format of devices.allow; the same list and order as in runc. */
export const defaultDeviceRules: readonly string[] = [
  'c *:* m', // mknod alone gives no access
  'b *:* m',
  'c 1:3 rwm', // null
  'c 1:8 rwm', // random
  'c 1:7 rwm', // full
  'c 5:0 rwm', // tty
  'c 1:5 rwm', // zero
  'c 1:9 rwm', // urandom
  'c 136:* rwm', // pts
  'c 5:2 rwm', // ptmx
  'c 10:200 rwm', // net/tun: in runc from the start, so that callers count on it
];
