// Files that commands read: tar must be able to seek in them, to see how they are compressed.
import { engineError } from '../errors.js';
import type { Engine } from '../engine.js';
import { runTool } from '../programs.js';

/** Path of the named file. "-" is standard input; it is copied to the staging directory, and so is what a URL names. */
export function inputFile(engine: Engine, said: string, staging: string): string {
  const { host } = engine;
  if (said === '-') {
    // It may be a socket, which no name in /proc can open.
    runTool(engine, 'cat', [], { sharesStdin: true, stdout: `${staging}/input`, endsWithUs: true });
    return `${staging}/input`;
  }
  if (/^https?:\/\//.test(said)) {
    // Brackets and braces in a URL stand for themselves.
    const flags = ['--fail', '--location', '--globoff', '--silent', '--show-error', '--output', `${staging}/input`];
    runTool(engine, 'curl', [...flags, '--', said], { endsWithUs: true });
    return `${staging}/input`;
  }
  const path = said.startsWith('/') ? said : `${host.cwd()}/${said}`;
  const status = host.lstat(path);
  if (status === null) throw engineError(`open ${said}: no such file or directory`, 'Check the path');
  if (status.type === 'directory') throw engineError(`read ${said}: is a directory`, 'Name a tar file');
  return path;
}
