// `docker build`: its RUN steps are containers, too.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Docker } from './docker.js';
import type { Step } from '../harness/engine.js';
import { imageName } from '../harness/image.js';

const dockerfile = `FROM ${imageName}
RUN echo built > /built
USER guest
RUN id -un > /tmp/who
CMD cat /built /tmp/who
`;

export const buildSteps: readonly Step<Docker>[] = [
  {
    name: 'build',
    run: (docker) => {
      const context = docker.site.path('context');
      mkdirSync(context);
      writeFileSync(`${context}/Dockerfile`, dockerfile);
      return docker.client(['build', '-t', 'built', context], { env: { ...process.env, DOCKER_BUILDKIT: '0' } });
    },
  },
  { name: 'run what was built', run: (docker) => docker.client(['run', '--rm', 'built']), expect: { stdout: /^built\nguest$/m } },
  {
    name: 'build: a failing step',
    run: (docker) => {
      const context = docker.site.path('failing');
      mkdirSync(context);
      writeFileSync(`${context}/Dockerfile`, `FROM ${imageName}\nRUN exit 4\n`);
      return docker.client(['build', context], { env: { ...process.env, DOCKER_BUILDKIT: '0' } });
    },
    expect: { code: 4, stderr: /returned a non-zero code: 4/ },
  },
];
