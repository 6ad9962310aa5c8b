import { findTool } from '../../programs.js';
import type { Call } from '../command.js';
import { environment } from '../environment.js';

export function run({ engine, args: [server = 'docker.io'] }: Call): number {
  return engine.host.execute(findTool(engine, 'skopeo'), ['skopeo', 'logout', server], environment(engine));
}
