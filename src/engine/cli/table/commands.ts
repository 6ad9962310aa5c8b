// All pocker commands. Each subject has its own table.
import type { EngineCommand } from '../command.js';
import { containerCommands } from './container-commands.js';
import { imageCommands } from './image-commands.js';
import { listCommands } from './list-commands.js';
import { networkCommands } from './network-commands.js';
import { systemCommands } from './system-commands.js';

export const commands: readonly EngineCommand[] = [
  ...containerCommands,
  ...listCommands,
  ...imageCommands,
  ...networkCommands,
  ...systemCommands,
];
