// The npm package's 'pocker-runc/sandbox' (docs/api.md).
export { sandbox, Sandbox } from './sandbox/sandbox.js';
export type { CommandResult, SandboxResult } from './sandbox/sandbox.js';
export { SandboxPool } from './sandbox/pool.js';
export type { PoolOptions } from './sandbox/pool.js';
export type { CommandOptions, SandboxOptions, Size } from './sandbox/options.js';
