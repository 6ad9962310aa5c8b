// Layers of images: OCI's whiteout files (".wh.NAME", ".wh..wh..opq") and overlayfs's own form of the same.

export interface LayerHost {
  /**
   * Turns the whiteout files of an unpacked layer into overlayfs's: devices 0:0 and the extended attribute `opaque`
   * ("trusted.overlay.opaque"). Returns the size of all files in it.
   */
  convertWhiteouts(directory: string, opaque: string): number;
  /** Makes OCI's whiteout files for those of an upper directory, in a tree of its directories below `target`. Returns their number. */
  exportWhiteouts(upper: string, target: string, opaque: string): number;
  /** Whether the directory hides what lower layers have there. */
  isOpaque(directory: string, opaque: string): boolean;
  /** Size of all files in a tree; one with several links counts once. */
  treeSize(directory: string): number;
  /**
   * Copies a file, or a directory with all that is in it, as cp(1) does with --no-target-directory and --remove-destination: modes, times
   * and links among the files stay, with `archive` owners and extended attributes, too. Neither side's symlinks are followed, at no moment,
   * but for those on the way to `from` and `to`, and for a `from` that is a descriptor in /proc.
   */
  copyTree(from: string, to: string, archive: boolean): void;
}
