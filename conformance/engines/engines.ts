// All engines, in the order in which they run.
import { buildkit } from './buildkit.js';
import { containerdCheckpoint, podmanCheckpoint } from './checkpoint.js';
import { containerd, containerd1 } from './containerd.js';
import { cri } from './cri.js';
import { docker } from './docker.js';
import type { Engine } from './engine.js';
import { podman, rootless } from './podman.js';

export const engines: readonly Engine[] = [
  containerd,
  containerd1,
  cri,
  docker,
  podman,
  rootless,
  buildkit,
  containerdCheckpoint,
  podmanCheckpoint,
];
