// Host inodes that a runtime itself lends to a container: used, but never changed. The victim is a null device of the case, which
// stands in for the machine's /dev/null in the case's mount namespace.
import { statSync } from 'node:fs';
import type { Box } from '../harness/box.js';
import { succeeded, type Tap, test } from '../harness/case.js';
import { type Config, shell } from '../harness/config.js';

/** What Docker grants. */
const usual = ['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'SETGID', 'SETUID', 'SYS_CHROOT', 'KILL'].map(
  (name) => `CAP_${name}`,
);

function docker(config: Config): void {
  config.process.capabilities = { bounding: usual, effective: usual, permitted: usual };
  config.linux.maskedPaths = ['/proc/keys', '/proc/timer_list'];
}

const rootIsRoot = (config: Config): void => {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 65_536 }];
};

const change = (path: string): string =>
  `chmod 600 ${path} 2>&1; chown 1234:1234 ${path} 2>&1; touch -d 2001-01-01 ${path} 2>&1; echo x > ${path} && echo written`;

async function attack(t: Tap, box: Box, adjust: (config: Config) => void, paths: readonly string[]): Promise<void> {
  const victim = box.path('null');
  succeeded(t, await box.command('mknod', ['-m', '666', victim, 'c', '1', '3']));
  succeeded(t, await box.command('mount', ['--bind', victim, '/dev/null']));
  box.atEnd(() => box.command('umount', ['-l', '/dev/null'], { stdin: victim }));
  const look = (): unknown[] => {
    const { mode, uid, gid, mtimeMs } = statSync(victim);
    return [mode.toString(8), uid, gid, mtimeMs];
  };
  const before = look();
  const container = box.container((config) => {
    docker(config);
    adjust(config);
    config.process.args = shell(paths.map(change).join('; '));
  });
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout.match(/^written$/gm)?.length, paths.length, 'it is a null device anyway');
  t.same(look(), before, "mode, owner and times of the host's node");
}

test("a masked file is not the host's /dev/null to change", (t, box) =>
  attack(t, box, () => undefined, ['/proc/keys', '/proc/timer_list']));

test(
  "nor is it, or a device, if the host's root is root of the user namespace",
  (t, box) => attack(t, box, rootIsRoot, ['/proc/keys', '/proc/timer_list', '/dev/null']),
  { knownDifferences: { runc: "lends the host's nodes writable", crun: "lends the host's nodes writable" } },
);

test(
  "the host's sysfs, bound if the kernel grants no other, is read-only with everything mounted in it (CVE-2023-25809)",
  async (t, box) => {
    const container = box.container((config) => {
      rootIsRoot(config);
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
      config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs' });
      config.process.args = shell("grep ' /sys[ /]' /proc/self/mountinfo | cut -d ' ' -f 5,6");
    });
    const { stdout } = await container.run();
    t.match(stdout, /^\/sys ro/);
    t.notMatch(stdout, /^\S+ rw/m);
  },
  { knownDifferences: { runc: 'refuses it', crun: 'binds it writable' } },
);
