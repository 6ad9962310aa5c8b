// buildkitd with its OCI worker, driven by `buildctl`.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { CommandOptions, CommandResult } from '../harness/command.js';
import { type Engine, engine, Session, type Step } from './harness/engine.js';
import { rootfsTar } from './harness/image.js';
import { missing, tool } from './harness/programs.js';
import { settingsFor } from './harness/settings.js';
import type { Site } from './harness/site.js';

const base = 'FROM scratch AS base\nADD rootfs.tar /\nENV PATH=/bin\n';

class Buildctl extends Session {
  #builds = 0;

  client(args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return this.site.command(tool('buildctl'), ['--addr', `unix://${this.site.path('buildkit.sock')}`, ...args], options);
  }

  /** Builds a Dockerfile, and prints the file /out of the result. */
  async build(dockerfile: string): Promise<CommandResult> {
    const number = this.#builds++;
    const directory = this.site.path(`dockerfile${number}`);
    const out = this.site.path(`out${number}`);
    mkdirSync(directory);
    writeFileSync(`${directory}/Dockerfile`, base + dockerfile);
    const locals = ['--local', `context=${this.site.path('context')}`, '--local', `dockerfile=${directory}`];
    const output = ['--output', `type=local,dest=${out}`];
    const built = await this.client(['build', '--progress', 'plain', '--frontend', 'dockerfile.v0', ...locals, ...output], {
      timeout: 120_000,
    });
    return built.code === 0 ? this.site.command('cat', [`${out}/out`]) : built;
  }

  async close(): Promise<void> {
    await this.ok('prune', '--all');
  }
}

async function open(site: Site): Promise<Buildctl> {
  const documented = settingsFor(site.runtime.path, 'BuildKit', '/etc/buildkit/buildkitd.toml');
  const own = `defaultCgroupParent = "/${site.name}"\nsnapshotter = "native"\nnetworkMode = "host"\n`;
  writeFileSync(site.path('buildkitd.toml'), `${documented}${own}\n[worker.containerd]\nenabled = false\n`);
  mkdirSync(site.path('context'));
  const tar = await rootfsTar(site);
  await site.command('mv', [tar, site.path('context/rootfs.tar')]);
  const session = new Buildctl(site);
  const args = [
    '--config',
    site.path('buildkitd.toml'),
    '--root',
    site.path('root'),
    '--addr',
    `unix://${site.path('buildkit.sock')}`,
  ];
  await site.daemon(tool('buildkitd'), args, { ready: async () => (await session.client(['debug', 'workers'])).code === 0 });
  return session;
}

const stages = Array.from({ length: 10 }, (_, index) => index);
const parallel =
  stages.map((index) => `FROM base AS s${index}\nRUN echo ${index} > /f${index}\n`).join('') +
  `FROM base\n${stages.map((index) => `COPY --from=s${index} /f${index} /\n`).join('')}RUN cat /f* | wc -l > /out\n`;

const steps: readonly Step<Buildctl>[] = [
  { name: 'RUN', run: (buildctl) => buildctl.build('RUN echo built > /out\n'), expect: { stdout: /^built$/m } },
  {
    name: 'RUN as a user',
    run: (buildctl) => buildctl.build('RUN touch /out && chmod 666 /out\nUSER guest\nWORKDIR /tmp\nRUN id -un > /out\n'),
    expect: { stdout: /^guest$/m },
  },
  { name: 'a failing RUN', run: (buildctl) => buildctl.build('RUN exit 4\n'), expect: { code: 1, stderr: /exit code: 4/ } },
  {
    name: 'a missing program',
    run: (buildctl) => buildctl.build('RUN ["nope"]\n'),
    expect: { code: 1, stderr: /executable file not found in \$PATH/ },
  },
  {
    name: 'RUN --mount',
    run: (buildctl) =>
      buildctl.build('RUN --mount=type=tmpfs,target=/t --mount=type=cache,target=/c grep -c -E " /(t|c) " /proc/mounts > /out\n'),
    expect: { stdout: /^2$/m },
  },
  {
    name: 'RUN --network=none',
    run: (buildctl) => buildctl.build('RUN --network=none ls /sys/class/net > /out\n'),
    expect: { stdout: /^lo$/m },
  },
  { name: 'ten stages at once', run: (buildctl) => buildctl.build(parallel), expect: { stdout: /^10$/m } },
];

const builtNames = ['buildkitd', 'buildctl'];

export const buildkit: Engine = engine<Buildctl>({
  name: 'buildkit',
  packages: [],
  tools: builtNames.map((name) => `github.com/moby/buildkit/cmd/${name}`),
  lacks: () => missing(['setpriv', 'tar'], builtNames),
  open,
  steps,
  // The parent of its containers; there may be several at once.
  ofDaemon: { cgroups: ['buildkit'] },
});
