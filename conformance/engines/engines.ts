// All engines, in the order in which they run.
import { containerd, containerd1 } from './containerd.js';
import { docker } from './docker.js';
import type { Engine } from './engine.js';

export const engines: readonly Engine[] = [containerd, containerd1, docker];
