// How to call this program again.
import type { Engine } from './engine.js';

/** Directory of our executables. */
export function ownDirectory({ host }: Pick<Engine, 'host'>): string {
  const own = host.directory ?? host.readLink('/proc/self/exe').replace(/\/[^/]*$/, '');
  return own.replace(/\/$/, '');
}

/** Uses the same images, containers and volumes. */
export function ownCommand(engine: Engine): readonly string[] {
  const { host, paths } = engine;
  const program = host.directory === undefined ? `${ownDirectory(engine)}/pocker` : `${ownDirectory(engine)}/node/pocker`;
  return [program, '--root', paths.root, '--runroot', paths.run];
}
