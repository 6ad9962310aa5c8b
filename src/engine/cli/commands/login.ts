import { findTool } from '../../programs.js';
import type { Call } from '../command.js';
import { environment } from '../environment.js';

/** skopeo replaces this process: it asks, tries, and stores the password in containers' auth file. */
export function run({ engine, values, args: [server = 'docker.io'] }: Call): number {
  const { username, password } = values;
  const flags = [
    ...(typeof username === 'string' ? ['--username', username] : []),
    ...(typeof password === 'string' ? ['--password', password] : []),
    ...(values['password-stdin'] === true ? ['--password-stdin'] : []),
    ...(/^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(server) ? ['--tls-verify=false'] : []),
  ];
  return engine.host.execute(findTool(engine, 'skopeo'), ['skopeo', 'login', ...flags, server], environment(engine));
}
