// Flags before the command, and the one that every command has.
import type { EngineFlag } from './command.js';

export const globalFlags: readonly EngineFlag[] = [
  {
    name: 'root',
    type: 'string',
    value: 'DIR',
    description:
      'Directory of images, containers and volumes (default: /var/lib/pocker, or ~/.local/share/pocker for an ordinary user)',
  },
  {
    name: 'runroot',
    type: 'string',
    value: 'DIR',
    description: 'Directory of state that a reboot clears (default: /run/pocker, or $XDG_RUNTIME_DIR/pocker)',
  },
  { name: 'debug', short: 'D', type: 'boolean', description: 'Log every system call' },
  { name: 'version', short: 'v', type: 'boolean', description: 'Show the version' },
];

export const helpFlag: EngineFlag = { name: 'help', short: 'h', type: 'boolean', description: 'Show help' };
