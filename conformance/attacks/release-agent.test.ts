// CVE-2022-0492: the kernel runs the program in a v1 hierarchy's `release_agent` as root of the host when a cgroup with
// `notify_on_release` becomes empty.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../harness/box.js';
import { type CaseOptions, succeeded, type Tap } from '../harness/case.js';
import { hierarchies } from '../harness/machine/cgroup.js';
import { type Config, shell } from '../harness/config.js';
import { attack as test } from './attack.js';

const v1 = hierarchies.filter(({ version }) => version === 1);
const options: CaseOptions = { skip: v1.length === 0 && 'only cgroup v1 has it' };

const agents = (): string[] => v1.map(({ path }) => readFileSync(join(path, 'release_agent'), 'utf8'));

/** Sets the agent wherever there is one, or by remounting, and lets a new cgroup of each hierarchy in `places` become empty. */
const script = (agent: string, places: string): string => `
  for place in ${places}; do
    find $place -name release_agent | while read file; do echo ${agent} > $file && echo set; done
    mount -o remount,release_agent=${agent} $place && echo set
    mkdir $place/emptied && echo 1 > $place/emptied/notify_on_release && echo armed
    sh -c "echo \\$\\$ > $place/emptied/cgroup.procs"
    rmdir $place/emptied
  done`;

async function escape(t: Tap, box: Box, adjust: (config: Config) => string): Promise<void> {
  const before = agents();
  const container = box.container();
  const agent = join(container.rootfs, 'agent');
  writeFileSync(agent, `#!/bin/sh\nid > ${container.rootfs}/escaped\n`);
  chmodSync(agent, 0o755);
  const places = adjust(container.config);
  container.config.process.args = shell(`mkdir /own; mount -t cgroup -o freezer cgroup /own; ${script(agent, places)}; true`);
  container.writeConfig();
  const result = await container.run();
  succeeded(t, result);
  t.match(result.stdout, /^armed$/m, 'it may make cgroups that notify');
  t.notMatch(result.stdout, /^set$/m);
  // The kernel starts the agent when it has time.
  await sleep(300);
  t.notOk(existsSync(join(container.rootfs, 'escaped')), 'no program ran on the host');
  t.same(agents(), before, "the host's agents");
}

test(
  'through its own cgroups, which it may write',
  (t, box) =>
    escape(t, box, (config) => {
      config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] });
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' });
      return '/sys/fs/cgroup/freezer /sys/fs/cgroup/pids';
    }),
  options,
);

test(
  'as root of a user namespace that mounts the hierarchies in a cgroup namespace of its own',
  (t, box) =>
    escape(t, box, (config) => {
      const all = ['CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE'];
      config.process.capabilities = { bounding: all, effective: all, permitted: all };
      config.linux.namespaces.push({ type: 'user' }, { type: 'cgroup' });
      config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 65_536 }];
      return '/own';
    }),
  options,
);
