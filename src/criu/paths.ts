// The directories of a checkpoint: images, work files and logs, and an earlier checkpoint.
import { fromHost, PockerError } from '../errors.js';
import type { Host } from '../host/host.js';

export interface CriuPaths {
  readonly imagePath: string;
  /** Directory of criu's log; "" for the image directory. */
  readonly workPath: string;
  /** Relative to the image directory. */
  readonly parentPath: string | null;
}

/** Absolute paths of the existing directories. */
export interface CriuDirectories {
  readonly images: string;
  readonly work: string;
}

const directoryMode = 0o700;

function checkParent(host: Host, { imagePath, parentPath }: CriuPaths): void {
  if (parentPath === null) return;
  if (parentPath.startsWith('/'))
    throw new PockerError('E_USAGE', '--parent-path must be relative', { hint: 'Make it relative to --image-path' });
  try {
    host.close(host.openDirectory(`${imagePath}/${parentPath}`));
  } catch (caught) {
    throw fromHost('E_USAGE', 'invalid --parent-path', caught);
  }
}

function assertDirectory(host: Host, path: string, flag: string): void {
  try {
    host.close(host.openDirectory(path));
  } catch (caught) {
    throw fromHost('E_CRIU', `cannot open the directory of ${flag}`, caught);
  }
}

function make(host: Host, path: string, flag: string): void {
  try {
    host.mkdir(path, directoryMode, true);
  } catch (caught) {
    throw fromHost('E_CRIU', `cannot make the directory of ${flag}`, caught);
  }
}

/** Checks and makes them. `images`: whether to make that directory if it is missing, as for a new checkpoint. */
export function prepareDirectories(host: Host, paths: CriuPaths, images: 'make' | 'find'): CriuDirectories {
  const { imagePath, workPath } = paths;
  if (images === 'make') make(host, imagePath, '--image-path');
  assertDirectory(host, imagePath, '--image-path');
  checkParent(host, paths);
  if (workPath === '') return { images: imagePath, work: imagePath };
  make(host, workPath, '--work-path');
  assertDirectory(host, workPath, '--work-path');
  return { images: imagePath, work: workPath };
}
