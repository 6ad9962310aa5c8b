// `podman build`: buildah's RUN steps, with the OCI runtime.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Step } from '../harness/engine.js';
import { imageName } from '../harness/image.js';
import type { Podman } from './podman.js';

export const podmanBuildSteps: readonly Step<Podman>[] = [
  {
    name: 'build --isolation oci',
    run: (podman) => {
      const context = podman.site.path('context');
      mkdirSync(context);
      writeFileSync(`${context}/Dockerfile`, `FROM ${imageName}\nRUN echo built > /built\nCMD cat /built\n`);
      const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
      const flags = ['--isolation', 'oci', '--network', 'none', '--cgroup-parent', `/${podman.site.name}/build`, ...limits];
      return podman.client(['build', ...flags, '-t', 'built', context], { timeout: 60_000 });
    },
  },
  {
    name: 'run what was built',
    run: (podman) => podman.client(['run', '--rm', '--network', 'none', ...podman.parent, 'built']),
    expect: { stdout: /^built$/m },
  },
];
