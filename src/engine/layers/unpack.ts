// Unpacks a layer once, into a directory that overlayfs uses as it is. GNU tar, which takes half of umoci's CPU time, keeps
// owners, modes, times, links and extended attributes; OCI's whiteout files become overlayfs's (Host.convertWhiteouts).
import { fromHost } from '../../errors.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { findTool, runTool, type Tool } from '../programs.js';
import { runPipeline } from './pipeline.js';

/** How overlayfs marks a directory that hides those below; without privileges, it uses other attributes. */
export const opaqueAttribute = ({ rootless }: Engine): string => (rootless ? 'user.overlay.opaque' : 'trusted.overlay.opaque');

const extraction = [
  '--extract',
  '--preserve-permissions',
  '--same-owner',
  '--numeric-owner',
  '--delay-directory-restore',
  '--xattrs',
  '--xattrs-include=*',
  // overlayfs's own attributes would make a layer show what is not in it.
  '--xattrs-exclude=trusted.overlay.*',
  '--xattrs-exclude=user.overlay.*',
  '--warning=no-unknown-keyword',
  '--warning=no-timestamp',
];

/** Which program decompresses a file, by its first bytes (RFC 1952, RFC 8878, xz, bzip2). */
const magics: readonly (readonly [bytes: readonly number[], tool: Tool])[] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz'],
  [[0x42, 0x5a, 0x68], 'bzip2'],
];

/** null: not compressed. */
export function decompressor({ host }: Engine, path: string): Tool | null {
  const begin = host.readAt(path, 0, 8);
  return magics.find(([bytes]) => bytes.every((byte, index) => begin[index] === byte))?.[1] ?? null;
}

/** `$1` decompresses `$2`, both for tar, into `$3`, and for standard output. */
const extract = `{ { "$1" -dc -- "$2" || failed; } | tee /dev/fd/3 | {
  directory=$3; shift 3; tar "$@" -C "$directory" >&2 || failed; cat >/dev/null
}; } 3>&1`;

function broken(diffId: string, why: string): Error {
  return engineError(`layer ${diffId.slice(0, 19)} is broken: ${why}`, 'Pull or load the image again');
}

function unpackCompressed(engine: Engine, tool: Tool, blob: string, directory: string): string {
  return runPipeline(engine, 'cannot unpack a layer', extract, [findTool(engine, tool), blob, directory, ...extraction]);
}

function unpackPlain(engine: Engine, blob: string, directory: string): void {
  runTool(engine, 'tar', [...extraction, '-f', blob, '-C', directory], { endsWithUs: true });
}

export interface Layer {
  /** Its tar file, compressed or not, and that file's digest. */
  readonly blob: string;
  readonly digest: string;
  /** Digest of the uncompressed tar file. */
  readonly diffId: string;
  /** Made here. */
  readonly directory: string;
}

/** Unpacks the blob into a new directory; fails if it is not the layer with that digest. Returns the size of its files. */
export function unpackLayer(engine: Engine, { blob, digest, diffId, directory }: Layer): number {
  const { host } = engine;
  const tool = decompressor(engine, blob);
  if (tool === null && digest !== diffId) throw broken(diffId, 'its digest is another');
  try {
    host.mkdir(directory, 0o755, false);
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot make a directory for a layer', caught);
  }
  if (tool === null) unpackPlain(engine, blob, directory);
  else if (unpackCompressed(engine, tool, blob, directory) !== diffId) throw broken(diffId, 'its digest is another');
  try {
    return host.convertWhiteouts(directory, opaqueAttribute(engine));
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot convert the whiteouts of a layer', caught);
  }
}
