// The npm package's typed API (docs/api.md).
export { Runtime } from './api/runtime.js';
export type {
  ConfigOptions,
  CreateOptions,
  RestoreOptions,
  RunOptions,
  RunResult,
  RuntimeOptions,
  Warning,
} from './api/runtime.js';
export { Container } from './api/container.js';
export type { CallOptions, ContainerExit, ExecOptions, Stats } from './api/container.js';
export { Process } from './api/process.js';
export type { ExitStatus, ProcessExit, WaitOptions } from './api/process.js';
export type { ContainerEvent, EventsOptions } from './api/events.js';
export type { CheckpointOptions, CriuOptions } from './api/checkpoint.js';
export { InputStream, OutputStream, Terminal } from './api/stdio.js';
export type { StdioOption, StdioOptions, TerminalSize } from './api/stdio.js';
export { PockerError } from './errors.js';
export type { ConfigViolation, ErrorCode, ErrorDetails } from './errors.js';
export type { CodedViolation } from './server/messages.js';
export type { ContainerStatus } from './runtime/state.js';
export type { Features, Spec } from './generated/spec.js';
export type { Linux, Mount, Process as ProcessSpec, Resources } from './plan/spec-types.js';
