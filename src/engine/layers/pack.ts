// Makes OCI layers from directories.
import type { Engine } from '../engine.js';
import { withTarProgress } from '../progress.js';
import { runTool } from '../programs.js';
import { withView } from './changes.js';
import { runPipeline } from './pipeline.js';
import { upperPath } from './rootfs.js';
import { opaqueAttribute } from './unpack.js';

const creation = ['--create', '--numeric-owner', '--xattrs', '--xattrs-include=*', '--warning=no-file-ignored'];

/** `$1`: the tar file to write; `$2`: whiteout files, listed after what `$3` has; the rest are tar's words. */
const create = `file=$1 marks=$2 view=$3; shift 3
{ cd "$marks" && find . -type f -print0 >"$file.list" &&
  tar "$@" -C "$view" . -C "$marks" --no-recursion --null --verbatim-files-from -T "$file.list" || failed; } | { tee "$file" || failed; }
rm -f "$file.list"`;

/** Made by the engine, unless the container has written there. */
const ours = ['etc/hosts', 'etc/hostname', 'etc/resolv.conf', '.dockerenv', 'run/.containerenv'];

/** Empty files that are only mount points do not belong in a layer. */
function exclusions({ host }: Engine, upper: string): string[] {
  return ours.filter((path) => {
    const status = host.lstat(`${upper}/${path}`);
    return status?.type === 'file' && status.size === 0;
  });
}

/** Packs what a container has written into a layer's tar file. Returns the file's digest. */
export function packUpper(engine: Engine, id: string, staging: string, file: string): string {
  const { host } = engine;
  const upper = upperPath(engine, id);
  const marks = `${staging}/whiteouts`;
  host.mkdir(upper, 0o755, true);
  host.mkdir(marks, 0o755, true);
  host.exportWhiteouts(upper, marks, opaqueAttribute(engine));
  const excluded = exclusions(engine, upper).map((path) => `--exclude=./${path}`);
  // Through overlayfs, its own whiteouts and attributes are invisible.
  return withView(engine, [upper], `${staging}/mount`, (view) => {
    return withTarProgress(
      engine,
      'Packing',
      () => host.treeSize(upper),
      (more) =>
        runPipeline(engine, 'cannot pack a layer', create, [
          ...[file, marks, view],
          ...creation,
          ...more,
          '--anchored',
          ...excluded,
        ]),
    );
  });
}

/** Packs a whole directory into a file or a descriptor. */
export function packTree(engine: Engine, directory: string, output: string | number): void {
  runTool(engine, 'tar', [...creation, '-C', directory, '.'], { stdout: output, endsWithUs: true });
}
