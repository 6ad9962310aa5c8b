// Where the engines' programs are: built from go.mod, or installed.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { projectRoot } from './settings.js';

/** run.mjs builds go.mod's tools into it. */
export const toolFolder = join(projectRoot, 'build/conformance/engines/bin');

// The distribution's come first: a client of another version may not match its daemon.
const directories = ['/usr/bin', '/usr/sbin', '/sbin', ...(process.env['PATH'] ?? '').split(delimiter)];

/** A program of the distribution, or in $PATH; undefined if it does not exist. */
export function installed(program: string): string | undefined {
  return directories.map((directory) => join(directory, program)).find((path) => existsSync(path));
}

export function mustBeInstalled(program: string): string {
  const path = installed(program);
  if (path === undefined) throw new Error(`${program} is not installed`);
  return path;
}

/** A program built from go.mod. */
export function tool(program: string): string {
  return join(toolFolder, program);
}

/** Why one of them is missing. */
export function missing(programs: readonly string[], tools: readonly string[] = []): string | undefined {
  const absent = [
    ...programs.filter((program) => installed(program) === undefined),
    ...tools.filter((program) => !existsSync(tool(program))),
  ];
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`;
}
