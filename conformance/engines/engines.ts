// All engines with their steps, in the order in which they run.
import { buildkit } from './buildkit.js';
import { containerdCheckpoint, podmanCheckpoint } from './checkpoint.js';
import { containerd, containerd1 } from './containerd/containerd.js';
import { containerdSteps } from './containerd/steps.js';
import { cri } from './cri/cri.js';
import { criSteps } from './cri/steps.js';
import { docker } from './docker/docker.js';
import { buildSteps } from './docker/build.js';
import { containerSteps } from './docker/containers.js';
import { optionSteps } from './docker/options.js';
import { type Engine, engine } from './harness/engine.js';
import { podman, rootless } from './podman/podman.js';
import { podmanBuildSteps } from './podman/build.js';
import * as podmanSteps from './podman/steps.js';

const { containerSteps: ofPodman, podSteps, rootSteps, runSteps } = podmanSteps;

export const engines: readonly Engine[] = [
  engine({ ...containerd, steps: containerdSteps }),
  engine({ ...containerd1, steps: containerdSteps }),
  engine({ ...cri, steps: criSteps }),
  engine({ ...docker, steps: [...optionSteps, ...containerSteps, ...buildSteps] }),
  engine({ ...podman, steps: [...runSteps, ...rootSteps, ...ofPodman, ...podSteps, ...podmanBuildSteps] }),
  engine({ ...rootless, steps: [...runSteps, ...ofPodman] }),
  buildkit,
  containerdCheckpoint,
  podmanCheckpoint,
];
