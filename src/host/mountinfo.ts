// Reads mountinfo (proc_pid_mountinfo(5)).

/** One line. */
export interface MountPoint {
  readonly id: number;
  /** "major:minor". */
  readonly device: string;
  /** The part of the filesystem that is mounted. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
}

/** "\040" for a space, and the like. */
export function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

export function parseMountinfo(text: string): MountPoint[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [id, , device = '', root = '', point = ''] = before.split(' ');
    return { id: Number(id), device, root: unescape(root), point: unescape(point), type: after.split(' ')[0] ?? '' };
  });
}
